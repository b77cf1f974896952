//go:build !linux

package rpc

import "syscall"

// tuneOutgoing leaves the system's defaults too.
func tuneOutgoing(_, _ string, _ syscall.RawConn) error { return nil }

// tuneSocket leaves the system's defaults: the options that help are Linux's.
func tuneSocket(_, _ string, _ syscall.RawConn) error { return nil }
