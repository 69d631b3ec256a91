# Sourced by the entry points: the interpreter that scripts/setup prepared, in handoff_python.
handoff_python="$root/.venv/bin/python"
if [[ ! -x $handoff_python ]]; then
  echo "$(basename -- "$0"): $root/.venv is missing; run scripts/setup first." >&2
  exit 2
fi
