#!/bin/sh
# Builds the guests into guests/images. Needs gcc, ld and objcopy for x86; the images are checked in,
# so nobody needs to run this who does not change a guest.
set -eu
cd "$(dirname "$0")"
CC=${CC:-gcc} LD=${LD:-ld} OBJCOPY=${OBJCOPY:-objcopy}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flags="-O2 -std=gnu11 -Wall -Wextra -Werror -ffreestanding -fno-builtin -fno-pic -fno-pie
  -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none"
# Handlers of traps do not save vector registers.
registers=-mgeneral-regs-only

# build NAME BITS SOURCE...: a multiboot image; objcopy makes every one ELF32, as loaders want it.
build() {
  name=$1 bits=$2
  shift 2
  objects=
  for source in "$@"; do
    object=$work/$name-$(echo "$source" | tr / -).o
    if [ "$bits" = 64 ]; then set -- -m64 -mno-red-zone -mcmodel=small; else set -- -m32; fi
    # shellcheck disable=SC2086
    $CC $flags $registers "$@" -c "$source" -o "$object"
    objects="$objects $object"
  done
  if [ "$bits" = 64 ]; then emulation=elf_x86_64; else emulation=elf_i386; fi
  # shellcheck disable=SC2086
  $LD -m $emulation -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments --build-id=none \
    -T lib/link.ld $objects -o "$work/$name"
  $OBJCOPY -O elf32-i386 "$work/$name" "images/$name.elf"
}

common="lib/console.c lib/string.c"
long="lib/start64.S lib/traps64.S lib/traps64.c $common"

# shellcheck disable=SC2086
build tour 64 $long tour/main.c tour/processor.c tour/memory.c tour/computing.c tour/window.c \
  tour/faults.c tour/time.c tour/translations.c
# shellcheck disable=SC2086
build serial-echo 64 $long serial-echo/main.c
# shellcheck disable=SC2086
build smp-hello 64 $long smp-hello/main.c smp-hello/start-ap.S
# shellcheck disable=SC2086
build self-modifying 64 $long self-modifying/main.c self-modifying/patches.S
# shellcheck disable=SC2086
build micro 64 lib/start64.S $common micro/main.c micro/loops.S
# shellcheck disable=SC2086
build protected32 32 lib/start32.S protected32/traps32.S protected32/main.c $common
# shellcheck disable=SC2086
build system-checks 32 lib/start32.S system-checks/entries32.S system-checks/main32.c \
  system-checks/segments32.c system-checks/tasks32.c system-checks/user32.c system-checks/debug32.c \
  system-checks/paging32.c $common
# shellcheck disable=SC2086
build system-checks64 64 $long system-checks/main64.c

hypervisor="$long lib/vmx.c lib/vmx-entry.S lib/vmx-ept.c lib/vmx-report.c"
# shellcheck disable=SC2086
build vmx-exits 64 $hypervisor vmx/exits.c vmx/conditional.c vmx/secondary.c
# shellcheck disable=SC2086
build vmx-events 64 $hypervisor smp-hello/start-ap.S vmx/events.c vmx/interrupts.c vmx/injection.c \
  vmx/processors.c
# shellcheck disable=SC2086
build vmx-memory 64 $hypervisor vmx/memory.c vmx/dirty.c vmx/views.c vmx/tags.c
# shellcheck disable=SC2086
build vmx-apic 64 $hypervisor vmx/apic.c vmx/virtual-interrupts.c vmx/x2apic.c vmx/posted.c
# shellcheck disable=SC2086
build vmx-controls 64 $hypervisor vmx/controls.c vmx/transitions.c vmx/lists.c vmx/shadow.c

# shellcheck disable=SC2086
build tlb-view 64 $hypervisor tlb-view/main.c
# shellcheck disable=SC2086
build tlb-pages 64 $long smp-hello/start-ap.S tlb/common.c tlb/pages.c
# shellcheck disable=SC2086
build tlb-vmx 64 $hypervisor smp-hello/start-ap.S tlb/common.c tlb/vmx.c
# shellcheck disable=SC2086
build vmx-bench 64 $hypervisor vmx-bench/main.c

# The benchmarks' kernels use SSE in both forms, and scalar code so that they measure what they name.
common="$common kernels/kernels.c kernels/guest.c"
registers=-fno-tree-vectorize
# shellcheck disable=SC2086
build bench64 64 lib/start64.S $common
registers="-fno-tree-vectorize -msse2 -mfpmath=sse"
# shellcheck disable=SC2086
build bench32 32 lib/start32.S $common
registers="-fno-tree-vectorize -DKERNELS_MAIN=run_kernels"
# shellcheck disable=SC2086
build bench64-vmx 64 lib/start64.S lib/traps64.S lib/traps64.c lib/vmx.c lib/vmx-entry.S \
  lib/vmx-ept.c lib/vmx-report.c kernels/vmx-main.c $common

$CC -m32 -c real-mode/real-mode.S -o "$work/real-mode.o"
$LD -m elf_i386 -Ttext 0x7c00 --oformat binary --build-id=none "$work/real-mode.o" \
  -o images/real-mode.bin
$CC -m32 -c boot-sector/boot-sector.S -o "$work/boot-sector.o"
$LD -m elf_i386 -Ttext 0x7c00 --oformat binary --build-id=none "$work/boot-sector.o" \
  -o images/boot-sector.bin
chmod 644 images/*
