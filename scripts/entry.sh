# Sourced first by every entry point: sets `root`, the project's folder, and starts its Python. The user's
# environment changes neither.
unset CDPATH # else cd may go elsewhere, and print where
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")

# Without a trap, a Ctrl-C is lost if it meets a command that survives it.
trap 'exit 130' INT

# The next file that is opened would get a closed descriptor's number, and with it the output meant for a console.
[[ -e /dev/fd/0 ]] || exec </dev/null
[[ -e /dev/fd/1 ]] || exec >/dev/null
# Bash leaves the script itself open as a closed standard error.
[[ -e /dev/fd/2 && ! /dev/fd/2 -ef $0 ]] || exec 2>/dev/null

# The interpreter that scripts/setup prepared, in handoff_python.
find_python() {
  handoff_python=$root/.venv/bin/python
  if [[ ! -x $handoff_python ]]; then
    echo "scripts/$(basename -- "$0"): $root/.venv is missing; run scripts/setup first" >&2 || true
    exit 2
  fi
}

# start_python NAME MODULE ARGUMENT…: becomes a module of scripts/, which calls itself scripts/NAME, run by the
# interpreter in handoff_python: isolated from PYTHON* variables and the user's own modules, and in UTF-8. SIGINT is
# held back until start.py can handle it.
start_python() {
  trap 'exit 130' INT # a subshell loses it
  local waiting=(env --block-signal=INT)
  "${waiting[@]}" true 2>/dev/null || waiting=() # of coreutils before 8.31
  exec "${waiting[@]}" "$handoff_python" -I -X utf8 "$root/scripts/start.py" "$@"
}

# build_program NAMES: the program in `measured`, or handoff-bench, with only the cells of these backends (a CMake list),
# or of all if there are none.
build_program() {
  (cd "$root" && cmake --preset release "-DHANDOFF_ONLY=$1" &&
    cmake --build --preset release --target "${measured:-handoff-bench}${1:+-only}") >&2
}

# measure_with NAMES NAME ARGUMENT…: becomes scripts/NAME with that program, built unless the arguments say otherwise. A
# mistake in them is reported first. If NAMES is `?`, the script says which backends the arguments need.
measure_with() {
  local only=$1 name=$2 build=yes argument
  shift 2
  for argument in "$@"; do
    case $argument in --no-setup | --program | --program=* | -h | --help) build=no ;; esac
  done
  find_python
  if [[ $build == yes ]]; then
    (start_python "$name" "$name" --check "$@")
    if [[ $only == "?" ]]; then only=$(start_python "$name" "$name" --needed "$@"); fi
    "$root/scripts/setup"
    build_program "$only"
  fi
  start_python "$name" "$name" "$@"
}
