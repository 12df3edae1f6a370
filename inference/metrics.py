"""Figures of the analysis and reference processes, in the default Prometheus registry."""

from prometheus_client import Counter, Gauge, Histogram

STAGE_BUCKETS_S = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 120.0, 600.0)

STAGE_SECONDS = Histogram("voicejury_job_stage_seconds", "Time in a job's stage", ["stage"], buckets=STAGE_BUCKETS_S)
STAGE_WAIT_SECONDS = Histogram(
    "voicejury_job_stage_wait_seconds", "Time that a stage waited for its turn", ["stage"], buckets=STAGE_BUCKETS_S
)
JOBS_RECOVERED = Counter("voicejury_jobs_recovered_total", "Jobs taken up from a process that is gone")
JOBS_FAILED = Counter("voicejury_jobs_failed_total", "Jobs that ended without a verdict", ["kind"])
LLM_CALLS = Counter("voicejury_llm_calls_total", "Questions to language models", ["tier", "outcome"])
LLM_SENTENCES = Counter("voicejury_llm_sentences_total", "Sentences of language models, by fate", ["fate"])
WORDS = Counter("voicejury_words_lines_total", "Lines whose words were asked for, by tier", ["tier", "outcome"])
BLEED = Counter("voicejury_bleed_total", "Takes by how the backing was taken out of them", ["method"])
MODEL_MEMORY_BYTES = Gauge("voicejury_model_memory_bytes", "Memory that a loaded model holds", ["model", "device"])
OUT_OF_MEMORY = Counter("voicejury_out_of_memory_total", "Falls back after memory did not suffice", ["to"])
CARD_WAITS = Counter("voicejury_card_wait_seconds_total", "Time that final work stood back for live singers")
OLLAMA_UNLOADS = Counter("voicejury_ollama_unloads_total", "Models that an Ollama was asked to put away", ["outcome"])
