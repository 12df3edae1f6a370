"""Regenerates the Python and TypeScript code of the contract from proto/voicejury/v1/*.proto.

Run by `make proto`, with the virtual environment of the generator (requirements/proto.txt).
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = sorted((ROOT / "proto/voicejury/v1").glob("*.proto"))
TYPESCRIPT = ROOT / "frontend/src/gen"
GENERATOR_BIN = Path(sys.executable).parent
TYPESCRIPT_PLUGIN = ROOT / "frontend/node_modules/.bin/protoc-gen-es"


def protoc(*options: str) -> None:
    files = [str(path.relative_to(ROOT / "proto")) for path in CONTRACT]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT / 'proto'}", *options, *files]
    subprocess.run(command, check=True, cwd=ROOT)


def main() -> None:
    out = ROOT / "proto"
    protoc(
        f"--plugin=protoc-gen-mypy={GENERATOR_BIN / 'protoc-gen-mypy'}",
        f"--plugin=protoc-gen-mypy_grpc={GENERATOR_BIN / 'protoc-gen-mypy_grpc'}",
        f"--python_out={out}",
        f"--grpc_python_out={out}",
        f"--mypy_out=quiet:{out}",
        f"--mypy_grpc_out=quiet:{out}",
    )
    if not TYPESCRIPT_PLUGIN.exists():
        sys.exit(f"{TYPESCRIPT_PLUGIN.relative_to(ROOT)} is missing: run `npm ci` in frontend/ first")
    shutil.rmtree(TYPESCRIPT, ignore_errors=True)
    TYPESCRIPT.mkdir(parents=True)
    protoc(f"--plugin=protoc-gen-es={TYPESCRIPT_PLUGIN}", f"--es_out={TYPESCRIPT}", "--es_opt=target=ts")


if __name__ == "__main__":
    main()
