from keepsight.app.ui.history import History


def test_steps_are_undone_and_redone() -> None:
    one, two, three, four = (object() for _ in range(4))
    history = History(one)
    assert not history.can_undo
    assert history.undo() is one
    history.commit(two)
    history.commit(two)  # no step
    history.commit(three)
    assert history.undo() is two
    assert history.undo() is one
    assert history.redo() is two
    history.commit(four)
    assert not history.can_redo
    assert history.redo() is four
    assert history.undo() is two


def test_the_oldest_steps_are_forgotten() -> None:
    states = [object() for _ in range(300)]
    history = History(states[0])
    for state in states[1:]:
        history.commit(state)
    while history.can_undo:
        history.undo()
    assert history.state is states[100]
