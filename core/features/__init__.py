"""Vectors of images on disk: one HDF5 file per encoder identity."""

from core.features.feature_file import FeatureFile

__all__ = ["FeatureFile"]
