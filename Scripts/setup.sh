#!/bin/sh
# Installs the Debian packages that building and testing need, and only those that are missing.
# Needs the Swift toolchain to be there; uses sudo only where it is needed and present.
set -eu

packages="gcc g++ make libprotobuf-c-dev protobuf-c-compiler libflatbuffers-dev \
flatbuffers-compiler zlib1g-dev libpng-dev libjpeg-dev gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm"

if ! command -v swift >/dev/null 2>&1; then
    echo "setup: error: the Swift toolchain (6.0 or later) is not on the PATH" >&2
    echo "  help: see https://www.swift.org/install/linux" >&2
    exit 2
fi

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "setup: note: not a Debian system; install the equivalents of: $packages" >&2
    exit 0
fi

missing=""
for package in $packages; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

run=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "setup: error: packages are missing and there is no sudo:$missing" >&2
        echo "  help: as root, apt-get install$missing" >&2
        exit 2
    fi
    run="sudo"
fi

echo "setup: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$run apt-get update -qq
# shellcheck disable=SC2086
$run apt-get install -y -qq --no-install-recommends $missing >/dev/null
