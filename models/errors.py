"""What goes wrong with classifiers. Every message is a sentence for the user that says what to do."""


class ModelError(RuntimeError):
    """A classifier cannot be found, loaded or run."""


class BrokenAnswerError(ModelError):
    """A classifier's answer to some image is no number."""


class CardError(ModelError, ValueError):
    """A card, or a file that it names, is not usable."""
