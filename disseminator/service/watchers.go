package service

import (
	"context"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/wire"
)

const (
	// maxWatchers bounds the streams of one disseminator.
	maxWatchers = 1024
	// watcherQueue is how many messages wait for a slow watcher. One that falls further
	// behind gets a new snapshot: it loses steps, never the outcome.
	watcherQueue = 256
)

// watchers are the open streams. Only the loop touches the set.
type watchers map[*watcher]struct{}

// watcher is one stream. The loop closes messages when it has fallen behind.
type watcher struct{ messages chan wire.Watch }

// subscribe adds a watcher. The snapshot and what follows on its channel have no gap.
func (s *Service) subscribe(ctx context.Context) (w *watcher, snapshot membership.Snapshot, err error) {
	full := false
	err = s.actor.Do(ctx, func() {
		if full = len(s.watchers) >= maxWatchers; full {
			return
		}
		w = &watcher{messages: make(chan wire.Watch, watcherQueue)}
		s.watchers[w] = struct{}{}
		snapshot = s.look()
	})
	if full {
		err = tooMany()
	}
	return w, snapshot, err
}

func (s *Service) unsubscribe(w *watcher) {
	_ = s.actor.Do(s.ctx, func() { delete(s.watchers, w) })
}

// publish hands a message to every watcher. It runs on the loop and never waits.
func (s *Service) publish(message wire.Watch) {
	for w := range s.watchers {
		select {
		case w.messages <- message:
		default:
			delete(s.watchers, w)
			close(w.messages)
		}
	}
}

// dropWatchers ends every stream. It runs on the loop.
func (s *Service) dropWatchers() {
	for w := range s.watchers {
		delete(s.watchers, w)
		close(w.messages)
	}
}

func watchOf(c membership.Change) wire.Watch {
	return wire.Watch{Revision: c.Revision, Event: wire.Change{
		Member: c.Member, Previous: c.Previous, Removed: c.Removed, Time: c.Time,
	}}
}
