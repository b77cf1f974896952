//go:build !linux

package rpc

// reuseAddress leaves the system's default.
func reuseAddress(uintptr) {}

// tune leaves the system's defaults: the options that help are Linux's.
func tune(uintptr) {}
