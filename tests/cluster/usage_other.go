//go:build unix && !linux

package cluster

import "errors"

// Usage is known only on Linux.
func (p *Process) Usage() (Usage, error) { return Usage{}, errors.ErrUnsupported }
