#!/bin/sh
# Prints the path of a Python 3.11 or newer that can make virtual environments, or names the remedy.
for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
    path=$(command -v "$name" 2>/dev/null) || continue
    if "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        if "$path" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$path"
            exit 0
        fi
        without_venv=$path
    fi
done
if [ -n "${without_venv:-}" ]; then
    version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "voicejury: $without_venv has no venv module." >&2
    echo "  Remedy: apt-get install python$version-venv (Debian, Ubuntu), or install Python from python.org." >&2
else
    echo "voicejury: no Python 3.11 or newer was found." >&2
    echo "  Remedy: apt-get install python3 python3-venv (Debian 12, Ubuntu 24.04 or newer)," >&2
    echo "          brew install python@3.12 (macOS), or make PYTHON=/path/to/python3.11 ..." >&2
fi
exit 1
