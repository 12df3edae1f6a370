"""Demucs as a Separator: torch and the weights are loaded when the first song comes."""

import threading
from collections.abc import Callable
from importlib.util import find_spec

from inference.errors import ModelMissingError
from inference.models.card import ALONE, FinalAfter
from inference.models.demucs_options import DemucsOptions
from inference.models.estimator import OnProgress
from inference.models.memory import forget, measured
from inference.models.separator import Split, Stereo

NEEDED_MODULES = ("torch", "demucs")


class DemucsSeparator:
    """Splits one song at a time; safe to share between threads."""

    def __init__(
        self,
        options: DemucsOptions,
        give_room: Callable[[], None] = lambda: None,
        final: FinalAfter = ALONE,
        idle_s: float | None = None,
    ) -> None:
        self._options = options
        self._give_room = give_room
        self._final = final
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._network: object | None = None
        self._putting_away: threading.Timer | None = None

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
        from inference.models.demucs_network import DemucsNetwork, device_of  # torch: seconds of import

        with self._lock:
            self._stay()
            self._give_room()
            if self._network is None:
                with measured(self._options.model, device_of(self._options.device)):
                    self._network = DemucsNetwork(self._options, self._final)
            network = self._network
            assert isinstance(network, DemucsNetwork)
            try:
                vocals = network.vocals(mix, on_progress)
            finally:
                self._go_when_idle()
        mix -= vocals
        return Split(vocals, mix)

    @property
    def is_loaded(self) -> bool:
        return self._network is not None

    def _stay(self) -> None:
        if self._putting_away is not None:
            self._putting_away.cancel()
            self._putting_away = None

    def _go_when_idle(self) -> None:
        if self._idle_s is not None:
            self._putting_away = threading.Timer(self._idle_s, self._put_away)
            self._putting_away.daemon = True
            self._putting_away.start()

    def _put_away(self) -> None:
        """Unless it is used just now, or was asked for meanwhile."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._putting_away is threading.current_thread():
                from inference.models.demucs_network import device_of

                self._network = self._putting_away = None
                forget(self._options.model, device_of(self._options.device))
        finally:
            self._lock.release()

    def _has_weights(self) -> bool:
        """A bag of models by its name, or a single one by its signature."""
        folder, name = self._options.folder, self._options.model
        if not folder.is_dir():
            return False
        names = [path.name for path in folder.iterdir() if path.suffix in (".th", ".safetensors")]
        is_bag = (folder / f"{name}.yaml").is_file()
        return bool(names) and (is_bag or any(known.startswith(name) for known in names))
