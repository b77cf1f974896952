//go:build unix && !linux

package cluster

import "syscall"

// childAttributes: a process group of its own, so that Ctrl-C reaches only the launcher.
// This kernel cannot tie a child's life to ours: kill the launcher with SIGKILL, and the
// children stay.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
