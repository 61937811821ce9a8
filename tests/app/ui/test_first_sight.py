"""What somebody sees who starts the program for the first time."""


def test_at_the_first_rates_one_codec_keeps_the_class_in_fewer_bytes_than_jpeg_loses_it_in(opened, qtbot):
    with opened("imagenet") as window:
        window.begin([], sweep_photos=0, keep=False)

        def contents():
            return [pane.content for pane in window.grid.panes.values()]

        qtbot.waitUntil(lambda: all(one and one.verdict for one in contents()), timeout=120_000)
        original, *panes = contents()
        assert original.rows[0][0] == "missile"  # the class that comes nearest to a rocket
        jpeg = next(content for content in panes if content.codec == "jpeg")
        assert jpeg.verdict == "flipped"
        assert any(content.verdict == "kept" and content.bytes < jpeg.bytes for content in panes)
