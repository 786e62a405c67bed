"""Confines a process to the system calls that parsing needs, through libseccomp.

A list of what is allowed, because a list of what is not allowed is never complete. No call that takes a path, a network address or another
process is among them: what was not open before stays out of reach for good, also for code of an attacker that runs in the process. (No
``newfstatat`` either: its flag for an empty path does not hold anybody to an empty path. Sizes are found by ``lseek``.)
"""

import ctypes
import errno
import fcntl
import mmap
import os
import resource
from pathlib import Path

_ERRNO, _ALLOW = 0x00050000, 0x7FFF0000
_NO_NEW_PRIVILEGES, _DUMPABLE = 38, 4
_EQUAL, _MASKED_EQUAL = 4, 7
_CLONE_THREAD = 0x00010000
_BESIDES_DATA = 4 << 30
"""Bytes of addresses for stacks, code and what the C library sets aside without using it."""

_ALLOWED = (
    *("read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "lseek", "close", "fstat"),
    *("munmap", "mremap", "mprotect", "madvise", "brk", "membarrier", "rseq"),
    *("futex", "set_robust_list", "get_robust_list", "sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler"),
    *("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "getrandom"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getppid", "uname", "sysinfo", "getrusage", "getcpu"),
    *("exit", "exit_group"),
)
_MISSING = ("clone3", "statx")
"""Refused as unknown, so that the C library uses the older call, whose arguments can be looked at."""


class _Comparison(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


class CannotConfine(Exception):
    """This system offers no filter for system calls; the text says what is missing."""


def drop_privileges(uid: int, gid: int) -> None:
    """Become another account for good; what this process has open stays open.

    Raises:
        CannotConfine: this process is still root, or can become it again.
    """
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if 0 in (*os.getresuid(), *os.getresgid()):
        raise CannotConfine("the process is still root")


def limit_resources(memory_bytes: int, seconds: int, mapped_bytes: int = 0) -> None:
    """Set limits of memory and of processor time; no file can grow, and no core is dumped.

    Args:
        memory_bytes: for data.
        seconds: of processor time.
        mapped_bytes: of files that will be mapped. Addresses are limited too: their tables are memory that counts as nobody's data.
    """
    now = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * mmap.PAGESIZE
    addresses = now + memory_bytes + mapped_bytes + _BESIDES_DATA
    resource.setrlimit(resource.RLIMIT_AS, (addresses, addresses))
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def confine() -> None:
    """Allow this process and its threads nothing but ``_ALLOWED``, for good. All other calls fail with EACCES.

    Raises:
        CannotConfine: there is no libseccomp, or the kernel takes no filter.
    """
    try:
        library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    except OSError:
        raise CannotConfine("libseccomp.so.2 (on Debian and Ubuntu: apt-get install libseccomp2)") from None
    library.seccomp_init.restype, library.seccomp_init.argtypes = ctypes.c_void_p, [ctypes.c_uint32]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    library.seccomp_rule_add_array.argtypes = [
        *(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(_Comparison))
    ]
    rules = library.seccomp_init(_ERRNO | errno.EACCES)
    if not rules:
        raise CannotConfine("seccomp")

    def add(action: int, name: str, *conditions: _Comparison) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # this processor has no such call
        array = (_Comparison * len(conditions))(*conditions) if conditions else None
        if library.seccomp_rule_add_array(rules, action, number, len(conditions), array):
            raise CannotConfine(f"seccomp ({name})")

    for name in _ALLOWED:
        add(_ALLOW, name)
    add(_ALLOW, "clone", _Comparison(0, _MASKED_EQUAL, _CLONE_THREAD, _CLONE_THREAD))
    for command in (fcntl.F_DUPFD_CLOEXEC, fcntl.F_GETFD, fcntl.F_GETFL):
        add(_ALLOW, "fcntl", _Comparison(1, _EQUAL, command, 0))
    add(_ALLOW, "mmap", _Comparison(3, _MASKED_EQUAL, mmap.MAP_SHARED | mmap.MAP_PRIVATE, mmap.MAP_PRIVATE))
    for name in _MISSING:
        add(_ERRNO | errno.ENOSYS, name)
    add(_ERRNO | errno.ENOTTY, "ioctl")
    if library.seccomp_load(rules):
        raise CannotConfine("seccomp")


def give_up_new_privileges() -> None:
    """From now on no program that is started gains rights, and no other process of the account may look into this one.

    Raises:
        CannotConfine: the kernel refuses.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or library.prctl(_DUMPABLE, 0, 0, 0, 0):
        raise CannotConfine("prctl")
