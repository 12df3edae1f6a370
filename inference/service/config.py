"""Settings of the judge, from the environment (VOICEJURY_*); see deploy/env.example."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict
from voicejury.fileurl import plain_file_url
from voicejury.tokens import MIN_SECRET_BYTES

from inference.service.jury_settings import JurySettings


class Settings(JurySettings):
    model_config = SettingsConfigDict(env_prefix="VOICEJURY_", env_ignore_empty=True, populate_by_name=True)

    secret: SecretStr
    listen: str = Field("127.0.0.1:0", pattern=r"^.+:\d{1,5}$")  # host:port of gRPC; port 0 takes a free one
    data_dir: Path = Path("data")
    audio_url: str = ""  # fsspec URL of the takes; empty = the takes folder inside data_dir
    media_url: str = Field("", pattern=r"^$|^[^\s/]+:\d{1,5}$")  # the analysis asks it to seal takes
    jobs_url: str = Field("", pattern=r"^$|^(sqlite:///|postgresql(\+\w+)?://)\S+$")  # empty: see jobs_store
    database_url: str = Field("", validation_alias="DATABASE_URL")  # signaling's; the jobs lie beside it on PostgreSQL
    job_queues: str = Field("default,gpu,gpu-heavy", pattern=r"^(default|gpu|gpu-heavy)(,(default|gpu|gpu-heavy))*$")
    job_lease_s: float = Field(6.0, ge=1.0, le=300.0)  # a worker that is silent for longer has lost its jobs
    close_patience_s: float = Field(600.0, gt=0)  # how long a media server that is away is asked again
    live_pitch: Literal["auto", "tiny", "swift-f0"] = "auto"
    final_pitch: Literal["auto", "tiny", "full", "swift-f0"] = "auto"
    follow_takes: int = Field(8, ge=0, le=100)  # worked on at a time while they are sung; 0: none
    whisper_model: Path | None = None  # a folder with a CTranslate2 Whisper
    metrics_port: int | None = Field(None, ge=0, le=65_535)  # Prometheus on loopback; not served where unset
    analysis_metrics_port: int | None = Field(None, ge=0, le=65_535)
    reference_metrics_port: int | None = Field(None, ge=0, le=65_535)
    songs_url: str = ""  # fsspec URL of the songs' own sound; empty = the songs folder inside data_dir
    take_separation: Literal["auto", "always", "never"] = "auto"  # the backing taken out of what the phone heard
    stems_url: str = ""  # fsspec URL, shared with signaling; empty = the stems folder inside data_dir
    models_dir: Path | None = None  # where `voicejury models fetch` puts models; empty = models inside data_dir
    max_source_s: float = Field(
        20 * 60.0, gt=0
    )  # the longest recording that is prepared; never more than a song may last
    demucs_model: str = Field("htdemucs", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    demucs_repo: Path | None = None  # a folder with the model's weights; empty = <models_dir>/<demucs_model>
    demucs_segment_s: float | None = Field(None, gt=1.0, le=60.0)  # empty: as the model was trained
    demucs_overlap: float = Field(0.1, ge=0.0, lt=0.9)  # of neighbouring segments
    demucs_shifts: int = Field(0, ge=0, le=20)  # passes over a shifted song, averaged; each costs a whole pass
    demucs_batch: int | None = Field(None, ge=1, le=64)  # segments at once; empty: 1 on a CPU, 8 on a GPU
    demucs_precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    demucs_device: str = Field("auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")

    ollama_unload: bool = False  # ask the Ollama at ollama_url to put its models away before a heavy step
    model_idle_s: float = Field(900.0, ge=0, le=86_400)  # a network that splits songs is put away after this; 0: never

    @field_validator("secret")
    @classmethod
    def _is_long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value().encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"must be at least {MIN_SECRET_BYTES} bytes long")
        return secret

    @property
    def takes_url(self) -> str:
        return plain_file_url(self.audio_url or (self.data_dir.resolve() / "takes").as_uri())

    @property
    def jobs_store(self) -> str:
        """VOICEJURY_JOBS_URL, otherwise the PostgreSQL that the house has, otherwise a file in the data folder."""
        shared = self.database_url if self.database_url.startswith("postgresql") else ""
        return self.jobs_url or shared or f"sqlite:///{self.data_dir.absolute() / 'jobs.db'}"

    @property
    def queues(self) -> frozenset[str]:
        return frozenset(self.job_queues.split(","))

    @property
    def songs(self) -> str:
        """The fsspec URL of a folder per song."""
        return plain_file_url(self.songs_url or (self.data_dir.absolute() / "songs").as_uri())

    @property
    def stems(self) -> str:
        """The fsspec URL under which recordings and stems pass between signaling and the reference service."""
        return plain_file_url(self.stems_url or (self.data_dir.absolute() / "stems").as_uri())

    @property
    def card_lock(self) -> Path:
        """Held by a live judge that is behind; for processes on one machine."""
        return self.data_dir.absolute() / "card.lock"

    @property
    def models(self) -> Path:
        return self.models_dir or self.data_dir.absolute() / "models"

    @property
    def whisper_folder(self) -> Path | None:
        """The one that is set, otherwise the best that was fetched."""
        fetched = (self.models / name for name in ("whisper-small", "whisper-base"))
        return self.whisper_model or next((folder for folder in fetched if folder.is_dir()), None)

    @property
    def demucs_weights(self) -> Path:
        return self.demucs_repo or self.models / self.demucs_model
