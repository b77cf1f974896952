package service

import (
	"fmt"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/internal/trace"
	"github.com/swimpair/swim/proto/swim"
)

// phrase turns an event into a sentence and its level.
func phrase(e probe.Event) (zapcore.Level, string) {
	switch e.Kind {
	case probe.PingMissed:
		return zap.InfoLevel, fmt.Sprintf("Node %s at %s: %s", e.Member, e.Address, e.Detail)
	case probe.IndirectlyAcked:
		return zap.InfoLevel, fmt.Sprintf("Node %s is alive: reached %s", e.Member, e.Detail)
	case probe.TargetUnreachable:
		return zap.WarnLevel, fmt.Sprintf("Node %s is unreachable: %s", e.Member, e.Detail)
	case probe.RoundDropped:
		return zap.WarnLevel, fmt.Sprintf("Node %s is not judged: %s", e.Member, e.Detail)
	case probe.InstanceChanged:
		return zap.InfoLevel, fmt.Sprintf("Node %s at %s: %s", e.Member, e.Address, e.Detail)
	case probe.ContactReached:
		return zap.InfoLevel, fmt.Sprintf("contact %s answers: %s", e.Address, nodeText(e.Member))
	case probe.ContactMissed:
		return zap.InfoLevel, fmt.Sprintf("contact %s does not answer (%s); will keep trying", e.Address, e.Detail)
	case probe.ContactWrong:
		return zap.WarnLevel, fmt.Sprintf("contact %s answers, but not as a detector of this cluster (%s); will keep trying", e.Address, e.Detail)
	case probe.ConnectionLost:
		return zap.InfoLevel, fmt.Sprintf("Node %s at %s has closed a connection: looking whether it lives", e.Member, e.Address)
	case probe.CrashSeen:
		return zap.WarnLevel, fmt.Sprintf("Node %s at %s has crashed, as it looks from here: %s", e.Member, e.Address, e.Detail)
	case probe.ProbingStarted:
		return zap.InfoLevel, fmt.Sprintf("Node %s at %s is pinged from now on", e.Member, e.Address)
	case probe.ProbingStopped:
		return zap.InfoLevel, fmt.Sprintf("Node %s is not pinged any more: %s", e.Member, e.Detail)
	case probe.OrphanFound:
		return zap.WarnLevel, fmt.Sprintf("Node %s at %s is half down: %s", e.Member, e.Address, e.Detail)
	case probe.DisseminatorUp:
		return zap.InfoLevel, "the disseminator of this node is up"
	case probe.DisseminatorDown:
		return zap.WarnLevel, fmt.Sprintf("the disseminator of this node is down: %s", e.Detail)
	default:
		return zap.InfoLevel, e.Kind.String()
	}
}

func nodeText(id swim.NodeID) string {
	if id == "" {
		return "it has not met its disseminator yet"
	}
	return "it is of node " + string(id)
}

// tell makes one log line of an event, and keeps health in step. It runs on the loop.
func (s *Service) tell(e probe.Event) {
	switch e.Kind {
	case probe.DisseminatorUp, probe.DisseminatorDown:
		s.server.Health().Set(pairHealth, e.Kind == probe.DisseminatorUp)
	}
	line := s.log.Check(phrase(e))
	if line == nil {
		return
	}
	fields := []zap.Field{zap.Stringer("event", e.Kind)}
	if e.Member != "" {
		fields = append(fields, zap.String("member", string(e.Member)))
	}
	if e.Kind == probe.DisseminatorDown {
		fields = append(fields, zap.String("cure", fmt.Sprintf("start the disseminator with the same NODE_ID; it is expected at %s", s.opts.Disseminator)))
	}
	if e.Trace != (swim.TraceID{}) {
		fields = append(fields, zap.Stringer("trace_id", trace.ID(e.Trace)))
	}
	line.Write(fields...)
}

func addressField(a swim.Address) zap.Field { return zap.String("address", string(a)) }

func errorField(err error) zap.Field { return zap.String("error", err.Error()) }
