"use strict";
// The words in which two texts differ. A text is a list of pieces, [text] or [text, colour], as the viewer has it.
sama.differences = (() => {
  const MOST = 4_000_000; // cells of the table of common subsequences: some 2000 words against 2000

  const tokens = (pieces) => pieces.flatMap(([text, colour], piece) =>
    text.split(/(\s+)/).filter(Boolean).map((part) => ({ text: part, colour, piece, word: plain(part), differs: false })));

  /** A word as it is compared: without case and without what is no letter or digit at its ends; '' of blanks. */
  const plain = (text) => {
    const lower = text.trim().toLowerCase();
    return lower.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "") || lower;
  };

  /** Mark the words that are in no longest common subsequence; whether the texts are short enough for that. */
  const mark = (left, right) => {
    let start = 0, [ends, others] = [left.length, right.length];
    while (start < ends && start < others && left[start].word === right[start].word) start++;
    while (ends > start && others > start && left[ends - 1].word === right[others - 1].word) { ends--; others--; }
    const [rows, columns] = [left.slice(start, ends), right.slice(start, others)];
    if (rows.length * columns.length > MOST) return false;
    const wide = columns.length + 1;
    const longest = new Uint16Array((rows.length + 1) * wide);
    for (let row = rows.length - 1; row >= 0; row--)
      for (let column = columns.length - 1; column >= 0; column--)
        longest[row * wide + column] = rows[row].word === columns[column].word
          ? longest[(row + 1) * wide + column + 1] + 1
          : Math.max(longest[(row + 1) * wide + column], longest[row * wide + column + 1]);
    let [row, column] = [0, 0];
    while (row < rows.length || column < columns.length) {
      if (row < rows.length && column < columns.length && rows[row].word === columns[column].word) { row++; column++; }
      else if (column === columns.length || (row < rows.length && longest[(row + 1) * wide + column] >= longest[row * wide + column + 1])) rows[row++].differs = true;
      else columns[column++].differs = true;
    }
    return true;
  };

  /** The pieces once more, each as [colour, [[text, differs], …]]; words that differ one after another stand together. */
  const grouped = (pieces, all) => pieces.map(([, colour], piece) => {
    const parts = [];
    for (const token of all.filter((token) => token.piece === piece)) {
      const last = parts[parts.length - 1];
      if (last && last[1] === token.differs) last[0] += token.text;
      else parts.push([token.text, token.differs]);
    }
    return [colour, parts];
  });

  /** Two texts with their differences: the pieces of both, and how many words only one of them has; null if too long. */
  const compare = (left, right) => {
    const [ofLeft, ofRight] = [tokens(left), tokens(right)];
    const words = [ofLeft, ofRight].map((all) => all.filter((token) => token.word));
    if (!mark(...words)) return null;
    const [only, others] = words.map((all) => all.filter((token) => token.differs).length);
    for (const all of [ofLeft, ofRight]) joined(all);
    return { left: grouped(left, ofLeft), right: grouped(right, ofRight), counts: [only, others] };
  };

  /** Blanks between two words that differ belong to them. */
  const joined = (all) => {
    for (let place = 1; place < all.length - 1; place++)
      if (!all[place].word && all[place - 1].differs && all[place + 1].differs) all[place].differs = true;
  };

  return { compare };
})();
