import importlib.util

import pytest

from sama_bench.run.bar import Bar, bar
from sama_bench.run.notebook_bar import NotebookBar


class Output:
    """A place of a notebook's output."""

    def __init__(self):
        self.shown = []

    def update(self, obj):
        self.shown.append(obj._repr_html_())


def test_it_goes_on_in_one_place_and_ends_full():
    output = Output()
    with NotebookBar("<b>", output) as progress:
        progress.begin(3, 300, 1, 100)
        for _ in range(200):
            progress.question_done()
        progress.video_done()
        progress.video_done()
        progress.warn("v1: [close] <failed>")
    assert output.shown[0] == '&lt;b&gt; <progress value="100" max="300"></progress> 100/300 questions, 1/3 videos'
    assert "300/300 questions, 3/3 videos<div>warning: v1: [close] &lt;failed&gt;</div>" in output.shown[-1]
    assert len(output.shown) < 50


def test_outside_of_notebooks_it_is_that_of_the_terminal():
    assert isinstance(bar("slow"), Bar)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ipykernel") is None, reason="needs ipykernel, nbclient, nbformat")
def test_a_kernel_shows_it():
    import nbformat
    from nbclient import NotebookClient

    code = """
from sama_bench.run.bar import bar
with bar("slow") as progress:
    progress.begin(1, 2, 0, 1)
    progress.question_done()
"""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(book, timeout=60).execute()
    (output,) = book.cells[0].outputs
    assert "2/2 questions" in output["data"]["text/html"]
