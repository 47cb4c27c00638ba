# Makes .venv and the page, and says what it does. Sourced by the scripts beside it, in the root
# of the project, with `set -eu`. Needs a POSIX shell and Python 3.11; everything else it fetches.

venv=.venv
unfinished=$venv/.unfinished # stands as long as .venv is being changed: an interrupted one is seen by it
stamp=$venv/.stamp
log=$venv/install.log
begun=$(date +%s)

say() { printf '[%3ss] %s\n' "$(($(date +%s) - begun))" "$*" >&2; }

die() {
    say "$1" && shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

base_of_python='import sys; print(sys._base_executable); sys.exit(sys.version_info < (3, 11))'

# The first Python of at least 3.11; PYTHON=/path/to/python overrules the search.
find_python() {
    for python in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python; do
        # Not the one in a virtual environment, which may be the very one that is made anew.
        python=$("$python" -c "$base_of_python" 2>/dev/null) && return
    done
    die 'Python 3.11 or newer is needed, and none was found.' \
        'Debian, Ubuntu: apt-get install python3 python3-venv    macOS: brew install python' \
        'One that is not on PATH is named with PYTHON=/path/to/python.'
}

# Two lines: what .venv is bound to, as a moved one is broken, and what is installed in it.
wanted() {
    printf '%s in %s\n' "$("$venv/bin/python" --version 2>&1)" "$PWD"
    cat requirements.lock pyproject.toml | cksum
}

pip() { "$venv/bin/python" -m pip --disable-pip-version-check --no-input "$@"; }

# step WORDS COMMAND...: say the words, run the command, and show its words only when it fails.
step() {
    say "$1" && shift
    "$@" >"$log" 2>&1 && return
    tail -n 30 "$log" >&2
    die "That failed; the last lines are above, all of them in $log."
}

make_venv() {
    find_python
    rm -rf "$venv" && mkdir "$venv" && : >"$unfinished"
    say "making $venv with $("$python" --version)"
    "$python" -m venv "$venv" >"$log" 2>&1 && return
    command -v virtualenv >/dev/null 2>&1 && virtualenv --python "$python" "$venv" >"$log" 2>&1 && return
    tail -n 5 "$log" >&2
    rm -rf "$venv"
    die "This Python cannot make a virtual environment: its venv or ensurepip is missing." \
        'Debian, Ubuntu: apt-get install python3-venv    Or install virtualenv, and start again.'
}

install_packages() {
    if [ -e "$unfinished" ]; then
        say "the last start was interrupted: $venv is made anew"
        make_venv
    elif [ -e "$stamp" ] && [ "$(head -n 1 "$stamp")" != "$(wanted | head -n 1)" ]; then
        say "$venv was made in another place, or its Python is gone: it is made anew"
        make_venv
    elif ! pip --version >/dev/null 2>&1; then
        make_venv
    fi
    : >"$unfinished" && rm -f "$stamp"
    step 'installing what requirements.lock names (hashes checked)' \
        pip install --require-hashes -r requirements.lock
    step 'installing the project itself' \
        pip install --no-deps --no-build-isolation --editable .
    wanted >"$stamp"
    rm "$unfinished"
}

# Everything that run, test and check need; nothing to do when it was done before.
prepare() {
    if [ -e "$unfinished" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$(wanted)" ]; then
        install_packages
    fi
    sh scripts/page >&2
    PATH="$PWD/$venv/bin:$PATH" && export PATH
}
