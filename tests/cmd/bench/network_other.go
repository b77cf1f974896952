//go:build !linux

package main

import "errors"

// ownNetwork is a thing of Linux.
func ownNetwork() (code int, started bool, err error) { return 0, false, errors.ErrUnsupported }
