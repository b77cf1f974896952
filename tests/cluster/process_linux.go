package cluster

import "syscall"

// childAttributes: a process group of its own, so that Ctrl-C reaches only the launcher;
// and SIGKILL when the thread that started it ends. Threads of the Go runtime end only
// with the process, unless a goroutine locked to one ends, and the callers have none.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
