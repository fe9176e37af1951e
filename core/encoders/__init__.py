"""Images and texts to vectors: open_clip towers behind one protocol."""

from core.encoders.base import Encoder, EncoderDescription
from core.encoders.load import describe_source, load_encoder

__all__ = ["Encoder", "EncoderDescription", "describe_source", "load_encoder"]
