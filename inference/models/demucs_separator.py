"""Demucs as a Separator: torch and the weights are loaded when the first song comes."""

import threading
from importlib.util import find_spec

from inference.errors import ModelMissingError
from inference.models.demucs_options import DemucsOptions
from inference.models.estimator import OnProgress
from inference.models.separator import Split, Stereo

NEEDED_MODULES = ("torch", "demucs")


class DemucsSeparator:
    """Splits one song at a time; safe to share between threads."""

    def __init__(self, options: DemucsOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._network: object | None = None

    @property
    def name(self) -> str:
        return self._options.model

    def missing(self) -> str:
        """Looks for the parts without loading them."""
        if any(find_spec(module) is None for module in NEEDED_MODULES):
            return "splitting a song needs torch and Demucs: run `make setup-full`"
        if not self._has_weights():
            name = self._options.model
            return f"the weights of {name} are not installed: run `voicejury models fetch {name}`"
        return ""

    def split(self, mix: Stereo, on_progress: OnProgress) -> Split:
        """Raises ModelMissingError."""
        reason = self.missing()
        if reason:
            raise ModelMissingError(reason)
        from inference.models.demucs_network import DemucsNetwork  # torch: seconds of import

        with self._lock:
            if self._network is None:
                self._network = DemucsNetwork(self._options)
            network = self._network
            assert isinstance(network, DemucsNetwork)
            vocals = network.vocals(mix, on_progress)
        mix -= vocals
        return Split(vocals, mix)

    def _has_weights(self) -> bool:
        """A bag of models by its name, or a single one by its signature."""
        folder, name = self._options.folder, self._options.model
        if not folder.is_dir():
            return False
        names = [path.name for path in folder.iterdir() if path.suffix in (".th", ".safetensors")]
        is_bag = (folder / f"{name}.yaml").is_file()
        return bool(names) and (is_bag or any(known.startswith(name) for known in names))
