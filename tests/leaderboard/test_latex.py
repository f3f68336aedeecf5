import re
import shutil
import subprocess

import pytest

from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.latex import latex
from sama_bench.leaderboard.tex_text import escaped, has_codes

DOCUMENT = r"""\documentclass[%s]{article}
\usepackage{array}
\usepackage{booktabs}
%s
\begin{document}
\input{report}
\end{document}
"""


@pytest.fixture
def pdflatex(tmp_path):
    """Sets LaTeX in a minimal document, and gives pdfLaTeX's log."""
    if shutil.which("pdflatex") is None or not shutil.which("kpsewhich") or not has("booktabs.sty"):
        pytest.skip("needs pdfLaTeX with booktabs (Debian: apt-get install texlive-latex-recommended)")

    def compiled(content, options="", preamble=""):
        (tmp_path / "report.tex").write_text(content, encoding="ascii")
        (tmp_path / "paper.tex").write_text(DOCUMENT % (options, preamble))
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"]
        done = subprocess.run(
            command, check=False, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=60
        )
        assert done.returncode == 0, done.stdout[-2000:]
        return (tmp_path / "paper.log").read_text(encoding="latin-1")

    return compiled


def has(file):
    return subprocess.run(["kpsewhich", file], check=False, capture_output=True, timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("options", "preamble"),
    [("", ""), ("11pt,twocolumn", ""), ("", r"\usepackage[T1]{fontenc}")],
    ids=["article", "two columns", "T1"],
)
def test_it_compiles_and_every_table_fits_the_page(fixed, others, pdflatex, options, preamble):
    log = pdflatex(latex(boards(fixed, others)), options, preamble)
    assert "Output written on paper.pdf" in log
    assert [line for line in log.splitlines() if "Overfull" in line or "too large" in line] == []


def test_every_character_of_ascii_latin_and_beyond_is_set(scored, pdflatex):
    printable = "".join(map(chr, range(1, 0x180)))
    runs = [scored(f"{printable} -- {'a' * 300} ?` !` ,, ^^4a", 0.5), scored(r"[2em] \\ [x]", 0.4), scored("*", 0.3)]
    assert "Overfull" not in pdflatex(latex(boards(runs)))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (r"a_b%c&d#e$f", r"a\_b\%c\&d\#e\$f"),
        ("{x}~^\\", r"\{x\}\textasciitilde{}\textasciicircum{}\textbackslash{}"),
        ('<"|>', r"\textless{}\texttt{\char34}\textbar{}\textgreater{}"),
        ("a -- b", "a -{}- b"),
        ("--- ''", "-{}-{}- '{}'"),
        ("?‘", "?{`}"),
        ("two\n words", "two words"),
        ("Größe", r"Gr\"{o}\ss{}e"),
        ("o\u0308", r"\"{o}"),
        ("[1]", "{[}1]"),
        ("模a", r"\texttt{U+6A21}\allowbreak{}a"),
        ("\x1b", r"\texttt{U+001B}"),
        ("", ""),
    ],
)
def test_text_stands_for_itself(text, written):
    assert escaped(text) == written


def test_only_codes_are_called_codes():
    assert not has_codes("Größe † α – [x]\n")
    assert has_codes("🙂")
    assert has_codes("\u202e")


def test_the_best_is_bold_the_second_underlined_and_what_the_best_ones_interval_holds_is_marked(scored):
    runs = [scored("a", 0.5, interval={"miou": [0.45, 0.56]}), scored("b", 0.46), scored("c", 0.44), scored("d", 0.1)]
    table = latex(boards(runs))
    paper = {name: re.search(rf"^{name} & (.+?) & ", table, re.MULTILINE)[1] for name in "abcd"}
    assert paper == {
        "a": r"\textbf{50.00}$^{56.00}_{45.00}$",
        "b": r"\underline{46.00}\,$\approx$",
        "c": "44.00",
        "d": "10.00",
    }
    caption = re.search(r"\\caption\{(.+)\}", table)[1]
    assert r"$\approx$: the value lies within the best one's 95 \% interval" in caption


def test_who_sees_the_truth_and_what_others_reported_is_neither_bold_nor_underlined(fixed, others):
    table = latex(boards(fixed, others))
    for line in table.splitlines():
        if line.startswith((r"oracle $\dagger$ &", r"\textit{")):
            assert r"\textbf" not in line
            assert r"\underline" not in line
    assert r"\textit{Nobody-7B\_x $\mathsection$}" in table
    assert (
        r"reported in A paper \& a half that nobody wrote, arXiv:\allowbreak{}0000.\allowbreak{}00000, table 3" in table
    )


def test_a_wide_board_is_cut_masks_before_words_and_loses_no_column(fixed):
    strict = next(one for one in boards(fixed) if (one.task, one.protocol) == ("g", "strict"))
    table = latex([strict])
    headings = re.findall(r"^model & (.+) \\\\$", table, re.MULTILINE)
    assert len(headings) > 2
    found = [cell for line in headings for cell in line.split(" & ")]
    assert len(found) == len(strict.columns)
    assert len(set(re.findall(r"\\label\{(.+)\}", table))) == len(headings)
    assert found[0].startswith("mIoU")
    assert found[-1].startswith("CIDEr")
