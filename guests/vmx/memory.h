/* The parts of the image vmx-memory. */
#ifndef MEMORY_H
#define MEMORY_H

#include "../lib/vmx.h"

#define VALID 0x80000000u
/* EPT-violation qualification: what was tried, what was allowed, and to what it was. */
#define READS 1
#define WRITES 2
#define FETCHES 4
#define READABLE 8
#define WRITABLE 0x10
#define EXECUTABLE 0x20
#define USER_EXECUTABLE 0x40
#define LINEAR_VALID 0x80
#define TO_THE_PAGE 0x100
#define NMI_UNBLOCKED 0x1000
/* Defined only where advanced information is supported. */
#define ADVANCED 0xe00
#define FRAME(n) ((u64)window_frames[n] | EPT_WB)
/* EPT_VPID_CAP */
#define CAP_EXECUTE_ONLY 0
#define CAP_5_LEVELS 7
#define CAP_1_GIB 17
#define CAP_FLAGS 21
#define CAP_ADVANCED 22

/* In a guest: loads, stores and jumps at offset 0x40 of page `n` of the window. */
#define AT_WINDOW(n) "mov $(0x40000040 + " #n " * 4096), %%eax;"
#define LOAD(n) CODE(AT_WINDOW(n) "mov (%%rax), %%rbx")
#define STORE(n) CODE(AT_WINDOW(n) "mov %%rax, (%%rax)")
#define JUMP(n) CODE(AT_WINDOW(n) "jmp *%%rax")

int ept_can(unsigned bit);
void set_window(unsigned page, u64 entry);
/* Exit 48 and what it tells of an access to offset 0x40 of a page of the window. */
void violates(u64 qualification, unsigned page);

/* dirty.c: accessed and dirty flags, page-modification logging */
void dirty_steps(void);
/* views.c: #VE, execute rights by mode, sub-pages, EPTP switching */
void view_steps(void);
/* tags.c: VPIDs, INVVPID, INVEPT */
void tag_steps(void);

#endif
