#!/usr/bin/env bash
## Liandong 联动: one command for everything. Run it from anywhere; the first run sets up .venv by itself.
##
##   ./deploy.sh demo [--exit] [--json]   seven nodes on this machine play a full story   一县两乡四村的完整演示
##                    [--keep DIR]        … and their data stay in DIR, to be served again 数据留在 DIR，可再启动
##   ./deploy.sh test [pytest options]    the whole test suite                            全部测试
##   ./deploy.sh pictures [DIR]           key pages of a small county at three widths     关键页面的截图
##   ./deploy.sh install TIER --address A this machine becomes a node: see install --help  把本机装成站点
##   ./deploy.sh setup [SET…]             the environment alone (base demo dev pdf seal)  只建立程序环境
##   ./deploy.sh check                    ruff, mypy and the rules of the house           静态检查
##   ./deploy.sh bench NAME [--json]      measurements: intake, drain, wire, catalogue …  性能测量
##   ./deploy.sh simulate [options]       simulated counties: --seeds A-B --json          同步层模拟
##   ./deploy.sh soak [options]           kills, bad lines and disks: --kills N --json    断电、坏线路、坏磁盘
##   ./deploy.sh fuzz [NAME…] [options]   hostile bytes for every parser: --inputs N --json  解析器模糊测试
##   ./deploy.sh help                     this text                                       本说明
##
## Needs Linux with Python 3.11 or newer. Progress goes to standard output, with --json to standard error and results alone to standard output.
## A folder wheels/ beside this file is used before the network, so a stick can carry the set-up.
## LIANDONG_PYTHON names another interpreter, LIANDONG_CHROMIUM another browser for the browser tests,
## LIANDONG_TEST_WORKERS the number of processes of the suite (3: some always wait for others).

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$root"
venv_python="$root/.venv/bin/python"
# A user-wide setting of either kind would send packages past the environment.
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1
# Of the many processes of a demonstration or a test each would compile the whole program anew.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*" >&2; }

stop() {
    say "$@"
    exit 1
}

usage() { sed -n 's/^## \{0,1\}//p' "$root/deploy.sh"; }

# The command that begins most like the word.
nearest() {
    local name best="" length=1
    for name in $(sed -n 's/^##   \.\/deploy\.sh \([a-z]*\).*/\1/p' "$root/deploy.sh"); do
        while [ "${1:0:length}" = "${name:0:length}" ] && [ "$length" -le "${#name}" ] && [ "$length" -le "${#1}" ]; do
            best=$name
            length=$((length + 1))
        done
    done
    printf '%s' "$best"
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local name
    for name in "${LIANDONG_PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 && is_new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
    say "没有找到 Python 3.11 或更高版本。Debian/Ubuntu 请先安装：sudo apt-get install python3 python3-venv"
    stop "No Python 3.11 or newer was found. On Debian/Ubuntu: sudo apt-get install python3 python3-venv"
}

has_pip() { "$venv_python" -m pip --version >/dev/null 2>&1; }

# The system's pip may fill an environment that has none of its own (pip 22.3 or newer).
system_pip_serves() { "$1" -m pip --python "$venv_python" --version >/dev/null 2>&1; }

install_venv_module() {
    local version
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "· 安装 python3-venv … / installing python3-venv"
    apt_install "python$version-venv" || apt_install python3-venv
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "$1" >/dev/null 2>&1 && return
    apt-get update >/dev/null 2>&1 && apt-get install -y --no-install-recommends "$1" >/dev/null 2>&1
}

make_venv() {
    local python
    python=$(find_python)
    say "· 建立 Python 环境 … / making the environment ($("$python" --version 2>&1))"
    rm -rf "$root/.venv"
    "$python" -m venv "$root/.venv" >/dev/null 2>&1 && has_pip && return
    # Debian and Ubuntu keep ensurepip in a package of its own, which is often absent.
    rm -rf "$root/.venv"
    "$python" -m venv --without-pip "$root/.venv" >/dev/null 2>&1 && system_pip_serves "$python" && return
    rm -rf "$root/.venv"
    install_venv_module "$python" && "$python" -m venv "$root/.venv" >/dev/null 2>&1 && has_pip && return
    rm -rf "$root/.venv"
    say "无法建立 Python 环境：缺少 venv 模块。请安装后重试：sudo apt-get install python3-venv"
    stop "The environment cannot be made: the venv module is missing. Install it and try again: sudo apt-get install python3-venv"
}

choose_pip() {
    if has_pip; then
        pip=("$venv_python" -m pip)
        return
    fi
    pip=("$(find_python)" -m pip --python "$venv_python")
    "${pip[@]}" --version >/dev/null 2>&1 && return
    make_venv
    has_pip && pip=("$venv_python" -m pip)
}

lock_hash() { sha256sum <"$root/requirements/$1.lock" | cut -d' ' -f1; }

stamp_of() { printf '%s/.venv/.installed-%s-%s' "$root" "$1" "$(lock_hash "$1")"; }

install_locked() {
    local options=() name
    for name in "$@"; do options+=(-r "$root/requirements/$name.lock"); done
    if [ -d "$root/wheels" ]; then
        say "· 从 wheels/ 安装 … / installing from wheels/: $*"
        "${pip[@]}" install -q --require-hashes --no-index --find-links "$root/wheels" "${options[@]}" >&2 && return
        say "· wheels/ 不全，改用网络 / wheels/ is incomplete, using the network"
    else
        say "· 安装依赖 … / installing: $*"
    fi
    "${pip[@]}" install -q --require-hashes "${options[@]}" >&2 && return
    say "安装依赖失败：请检查网络，或把安装包放进 wheels/ 文件夹。"
    stop "Installing failed: check the network, or put the wheels into the folder wheels/."
}

set_up_locked_sets() {
    local name missing=()
    [ -x "$venv_python" ] && is_new_enough "$venv_python" || make_venv
    for name in "$@"; do
        [ -e "$(stamp_of "$name")" ] || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    choose_pip
    # All sets asked for in one go: the locks agree, and the resolver sees that they do.
    install_locked "$@"
    for name in "${missing[@]}"; do
        rm -f "$root/.venv/.installed-$name-"*
        : >"$(stamp_of "$name")"
    done
    say "· 依赖就绪 / ready"
}

# setup SET…: the environment holds exactly what the named lock files say. Two commands started together wait for each other.
setup() {
    if command -v flock >/dev/null 2>&1; then
        (
            flock 9
            set_up_locked_sets "$@" 9>&-
        ) 9>"$root/.setup.lock"
    else
        set_up_locked_sets "$@"
    fi
}

find_browser() {
    local name
    for name in "${LIANDONG_CHROMIUM:-chromium}" chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" 2>/dev/null && return
    done
    return 1
}

# The browser tests drive the system's own Chromium; without one they fail by name, and this says why.
need_browser() {
    if ! find_browser >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "· 安装 chromium … / installing chromium for the browser tests"
        apt_install chromium || say "· chromium 安装失败 / chromium could not be installed"
    fi
    if LIANDONG_CHROMIUM=$(find_browser); then
        export LIANDONG_CHROMIUM
    else
        say "没有找到 Chromium，浏览器测试将失败。请先安装：sudo apt-get install chromium"
        say "No Chromium was found, so the browser tests will fail. Install it first: sudo apt-get install chromium"
    fi
}

# Pictures without a Chinese font show boxes where the words are, and without this package the browser's own
# words, as on the button of a file field, are English.
need_chinese() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && [ ! -e /usr/lib/chromium/locales/zh-CN.pak ]; then
        apt_install chromium-l10n || say "· chromium-l10n 安装失败 / chromium-l10n could not be installed"
    fi
    command -v fc-list >/dev/null 2>&1 && [ -z "$(fc-list :lang=zh-cn)" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "· 安装 fonts-noto-cjk … / installing fonts-noto-cjk for the pictures"
        apt_install fonts-noto-cjk && return
    fi
    say "没有中文字体，截图里的汉字会显示成方框。请先安装：sudo apt-get install fonts-noto-cjk"
    say "No Chinese font was found, so the pictures will show boxes. Install one first: sudo apt-get install fonts-noto-cjk"
}

# WeasyPrint draws with the system's Pango and HarfBuzz; a township and a county need them, a village does not.
need_printing() {
    local file package
    for file in libpango-1.0.so.0:libpango-1.0-0 libpangoft2-1.0.so.0:libpangoft2-1.0-0 \
        libharfbuzz-subset.so.0:libharfbuzz-subset0; do
        package=${file#*:}
        "$venv_python" -c "import ctypes, sys; ctypes.CDLL(sys.argv[1])" "${file%%:*}" 2>/dev/null && continue
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
            say "· 安装 $package … / installing $package for PDF"
            apt_install "$package" && continue
        fi
        say "缺少 $package，不能打印PDF。请先安装：sudo apt-get install $package"
        say "$package is missing, so no PDF can be printed. Install it first: sudo apt-get install $package"
    done
}

run_tests() {
    local started=$SECONDS status=0
    "$venv_python" -m pytest -n "${LIANDONG_TEST_WORKERS:-3}" --dist loadgroup "$@" || status=$?
    say "· 测试用时 / tests took $((SECONDS - started)) s"
    return "$status"
}

run_checks() {
    local failed=()
    say "· ruff"
    "$venv_python" -m ruff check . || failed+=(ruff)
    say "· mypy"
    "$venv_python" -m mypy || failed+=(mypy)
    say "· tests/architecture"
    "$venv_python" -m pytest -q tests/architecture || failed+=(architecture)
    [ ${#failed[@]} -eq 0 ] || stop "✗ 未通过 / failed: ${failed[*]}"
    say "✓ 全部通过 / all passed"
}

command=${1:-help}
[ $# -eq 0 ] || shift
case "$command" in
    demo)
        setup base demo
        exec "$venv_python" -m common.node.demo "$@"
        ;;
    test)
        setup base demo dev pdf seal
        need_browser
        need_printing
        run_tests "$@"
        ;;
    pictures)
        setup base demo dev
        need_browser
        need_chinese
        exec "$venv_python" -m tests.browser.pictures "$@"
        ;;
    check)
        setup base demo dev pdf seal
        run_checks
        ;;
    install)
        # By the system's own Python, which leaves nothing behind: a plan is shown before anything is made.
        python=$(find_python)
        exec "$python" -B -m common.install "$@"
        ;;
    setup)
        [ $# -gt 0 ] || set -- base
        for name in "$@"; do
            [ -e "$root/requirements/$name.lock" ] || stop "没有这个依赖集 / no such set: $name"
        done
        setup "$@"
        case " $* " in *" pdf "*) need_printing ;; esac
        ;;
    bench)
        case "${1:-}" in
            documents)
                setup base demo pdf
                need_printing
                ;;
            *) setup base demo ;;
        esac
        exec "$venv_python" -m bench "$@"
        ;;
    simulate)
        setup base demo
        exec "$venv_python" -m tests.simulation "$@"
        ;;
    soak)
        setup base demo
        exec "$venv_python" -m tests.soak "$@"
        ;;
    fuzz)
        setup base demo
        exec "$venv_python" -m tests.fuzz "$@"
        ;;
    help | -h | --help) usage ;;
    *)
        meant=$(nearest "$command")
        say "未知命令 / unknown command: $command"
        stop "${meant:+是不是 / did you mean: ./deploy.sh $meant   }全部命令 / all commands: ./deploy.sh help"
        ;;
esac
