from typer.testing import CliRunner

from keepsight.app.cli import app

run = CliRunner()


def test_the_smallest_files_that_keep_the_class(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    done = run.invoke(app, ["limit", "samples", "--photos", "1", "--codecs", "jpeg,png"])
    assert done.exit_code == 0, done.output
    rows = [line for line in done.stdout.splitlines() if line.startswith(("JPEG", "PNG"))]
    assert [line.split()[0] for line in rows] == ["JPEG", "PNG"], "the smaller one first"
    assert all("100.0%" in line for line in rows)


def test_a_size_that_nothing_meets(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    done = run.invoke(app, ["limit", "samples", "--photos", "1", "--codecs", "jpeg", "--bytes", "10"])
    assert done.exit_code == 0
    assert "none meets it; the nearest has" in done.stdout


def test_codecs_that_a_reader_of_files_cannot_read_are_left_out_with_a_sentence(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    words = ["limit", "scenes", "--classifier", "scenes_jpeg", "--photos", "2", "--codecs"]
    both = run.invoke(app, [*words, "jpeg,webp"])
    assert both.exit_code == 1, "a codec that was named was not measured"
    assert "WebP is left out" in both.stderr
    assert [line.split()[0] for line in both.stdout.splitlines() if "%" in line and "photos" not in line] == [
        "JPEG"
    ]
    assert "WebP" not in both.stdout
    none = run.invoke(app, [*words, "webp"])
    assert (none.exit_code, none.stdout) == (1, "")


def test_photos_of_another_size_are_not_said_to_miss_the_goal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    words = ["limit", "samples", "--classifier", "scenes_jpeg", "--photos", "1", "--codecs", "jpeg"]
    done = run.invoke(app, words)
    assert "no photo could be measured" in done.stdout
    assert "nearest" not in done.stdout


def test_one_goal_only_and_labels_where_they_are_needed():
    two = run.invoke(app, ["limit", "samples", "--agreement", "1", "--bytes", "10"])
    assert (two.exit_code, "one goal" in two.stderr) == (2, True)
    unlabelled = run.invoke(app, ["limit", "samples", "--photos", "1", "--accuracy", "0.5"])
    assert unlabelled.exit_code == 2
    assert "no labels" in unlabelled.stderr


def test_a_pipeline_with_two_options_is_one_codec(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    spec = "roi-background:mode=blur,strength=40+jpeg"
    done = run.invoke(
        app, ["limit", "samples", "--photos", "1", "--codecs", f"{spec},png", "--guide", "none"]
    )
    assert done.exit_code == 0, done.output
    rows = [line for line in done.stdout.splitlines() if line.startswith(("ROI background", "PNG"))]
    assert len(rows) == 2, done.stdout
