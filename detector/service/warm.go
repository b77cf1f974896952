package service

import (
	"context"
	"errors"
	"syscall"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// keep has the connection of a ping stay open. It runs on the loop.
func (s *Service) keep(e probe.Ping) {
	if !e.Keep || s.kept[e.Address] != nil {
		return
	}
	if _, release, err := s.pool.Get(string(e.Address)); err == nil {
		s.kept[e.Address] = release
	}
}

// letGo leaves it to the pool when the connection is closed. It runs on the loop.
func (s *Service) letGo(address swim.Address) {
	if release := s.kept[address]; release != nil {
		delete(s.kept, address)
		s.work.Go(release) // closing a connection may take a moment
	}
}

// connectionEnded tells the core. The pool must not wait for it.
func (s *Service) connectionEnded(connection uint64, byPeer bool) {
	go s.send(probe.ConnectionClosed{Connection: probe.ConnectionNumber(connection), ByPeer: byPeer})
}

// knock asks the kernel of a host whether it takes connections at a port.
func (s *Service) knock(e probe.Knock) probe.KnockEnded {
	ctx, cancel := context.WithTimeout(s.ctx, e.Timeout)
	defer cancel()
	err := s.pool.Knock(ctx, string(e.Address))
	ended := probe.KnockEnded{Number: e.Number, Evidence: swim.Silent}
	switch {
	case err == nil, s.ctx.Err() != nil:
		ended.Evidence = swim.None
	case errors.Is(err, syscall.ECONNREFUSED):
		ended.Evidence = swim.Refused
	}
	return ended
}
