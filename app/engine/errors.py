"""The errors whose message is a sentence for the user: shown as it is, never as a traceback."""

from keepsight.app.engine.data import DataError
from keepsight.app.engine.files import InputError, OutputError
from keepsight.app.engine.photos import PhotoError
from keepsight.app.engine.region_files import RegionError
from keepsight.app.engine.session import SessionError
from keepsight.app.engine.store_schema import StoreError
from keepsight.app.engine.workers import ClusterError, WorkersLostError
from keepsight.codecs.base import BitstreamError, EncodeError
from keepsight.codecs.command_card import CodecCardError
from keepsight.codecs.options import OptionsError
from keepsight.codecs.pipeline import PipelineError
from keepsight.codecs.registry import UnknownCodecError
from keepsight.models.errors import ModelError

USER_ERRORS = (
    BitstreamError,
    ClusterError,
    CodecCardError,
    DataError,
    EncodeError,
    InputError,
    ModelError,
    OptionsError,
    OutputError,
    PhotoError,
    PipelineError,
    RegionError,
    SessionError,
    StoreError,
    UnknownCodecError,
    WorkersLostError,
)
