package service

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/internal/trace"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

const (
	// keptEvents per member, for Explain.
	keptEvents = 32
	// keptMembers bounds the members that have a history.
	keptMembers = 10_000
)

// history is what happened to each member lately. Only the loop touches it.
type history struct {
	events map[swim.NodeID][]*swimpb.Occurrence
}

func newHistory() history { return history{events: map[swim.NodeID][]*swimpb.Occurrence{}} }

func (h history) add(at time.Time, e membership.Event) {
	events, known := h.events[e.Member]
	stranger := e.Kind == membership.ContactRefused || e.Kind == membership.RecordRefused
	if !known && (stranger || len(h.events) >= keptMembers) {
		return // a stranger's id costs nothing
	}
	if len(events) == keptEvents {
		events = events[1:]
	}
	h.events[e.Member] = append(events, &swimpb.Occurrence{
		Time: timestamppb.New(at), Event: e.Kind.String(), Detail: e.Detail, TraceId: trace.ID(e.Trace).String(),
	})
}

func (h history) of(id swim.NodeID) []*swimpb.Occurrence {
	return append([]*swimpb.Occurrence(nil), h.events[id]...)
}
