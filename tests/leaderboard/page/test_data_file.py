import json
import re

from hypothesis import given
from hypothesis import strategies as st

from sama_bench.leaderboard.page.data_file import script


@given(st.text(), st.recursive(st.text() | st.none() | st.integers(), st.lists))
def test_any_value_comes_back_and_nothing_in_it_can_end_a_script(name, value):
    text = script(name, value)
    assert text.isascii()
    assert not set("<>&") & set(text)
    inner = re.fullmatch(r"sama\.put\(\.\.\.(.*)\);\n", text)[1]
    assert json.loads(inner) == [name, value]


def test_separators_of_lines_are_escaped():
    assert "\\u2028" in script("a", "\u2028</script><!--")
