package service

import (
	"fmt"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/internal/trace"
	"github.com/swimpair/swim/proto/swim"
)

// phrase turns an event into a sentence and its level.
func phrase(e membership.Event) (zapcore.Level, string) {
	switch e.Kind {
	case membership.MemberAlive:
		return zap.InfoLevel, fmt.Sprintf("Node %s is alive: %s", e.Member, e.Detail)
	case membership.MemberSuspect:
		return zap.WarnLevel, fmt.Sprintf("Node %s is suspect: %s", e.Member, e.Detail)
	case membership.MemberFailed:
		return zap.WarnLevel, fmt.Sprintf("Node %s has failed: %s", e.Member, e.Detail)
	case membership.MemberLeft:
		return zap.InfoLevel, fmt.Sprintf("Node %s has left", e.Member)
	case membership.MemberForgotten:
		return zap.InfoLevel, fmt.Sprintf("Node %s is forgotten: %s", e.Member, e.Detail)
	case membership.AccusationStarted:
		return zap.InfoLevel, fmt.Sprintf("Node %s is accused: %s", e.Member, e.Detail)
	case membership.AccusationRefuted:
		return zap.InfoLevel, fmt.Sprintf("Node %s has answered for itself: %s", e.Member, e.Detail)
	case membership.AccusationStale:
		return zap.InfoLevel, fmt.Sprintf("the verdict on Node %s is stale: %s", e.Member, e.Detail)
	case membership.AccusedMyself:
		return zap.WarnLevel, fmt.Sprintf("this node is accused: %s", e.Detail)
	case membership.RefutedMyself:
		return zap.InfoLevel, fmt.Sprintf("this node has refuted an accusation: %s", e.Detail)
	case membership.ContactMet:
		return zap.InfoLevel, fmt.Sprintf("Node %s is met %s", e.Member, e.Detail)
	case membership.ContactRefused:
		return zap.WarnLevel, fmt.Sprintf("Node %s is not admitted: %s", e.Member, e.Detail)
	case membership.JoinSucceeded:
		return zap.InfoLevel, fmt.Sprintf("this node has joined %s", e.Detail)
	case membership.JoinFailed:
		return zap.WarnLevel, fmt.Sprintf("this node has not joined %s", e.Detail)
	case membership.ConflictFound:
		return zap.ErrorLevel, fmt.Sprintf("two live processes have one id: %s", e.Detail)
	case membership.RecordRefused:
		return zap.WarnLevel, fmt.Sprintf("a record of Node %s is refused: %s", e.Member, e.Detail)
	case membership.SuspicionConfirmed:
		return zap.InfoLevel, fmt.Sprintf("the suspicion of Node %s is confirmed %s", e.Member, e.Detail)
	case membership.CrashFound:
		return zap.WarnLevel, fmt.Sprintf("Node %s has crashed, as it looks from here: %s", e.Member, e.Detail)
	case membership.Unwell:
		return zap.WarnLevel, fmt.Sprintf("this node is unwell: %s; it judges nobody, and does not refute", e.Detail)
	case membership.Well:
		return zap.InfoLevel, "this node is well again: its pings are answered"
	case membership.SuspicionHeard:
		return zap.InfoLevel, fmt.Sprintf("the suspect Node %s is heard: %s", e.Member, e.Detail)
	case membership.SuspicionAnswered:
		return zap.InfoLevel, fmt.Sprintf("the suspect Node %s answers: %s", e.Member, e.Detail)
	case membership.PartitionSuspected:
		return zap.WarnLevel, fmt.Sprintf("the verdict on Node %s is put off once: %s", e.Member, e.Detail)
	case membership.AccuserIgnored:
		return zap.WarnLevel, fmt.Sprintf("Node %s is not believed for a while: %s", e.Member, e.Detail)
	case membership.PauseNoticed:
		return zap.WarnLevel, e.Detail
	case membership.ComebackDelayed:
		return zap.WarnLevel, fmt.Sprintf("this node waits before it says that it is alive: %s", e.Detail)
	case membership.ViewsDiffered:
		return zap.InfoLevel, fmt.Sprintf("the table of Node %s differs from this one: %s", e.Member, e.Detail)
	case membership.ViewsAgree:
		return zap.InfoLevel, fmt.Sprintf("the table of Node %s agrees with this one: %s", e.Member, e.Detail)
	case membership.DetectorUp:
		return zap.InfoLevel, "the detector of this node is up"
	case membership.DetectorDown:
		return zap.WarnLevel, fmt.Sprintf("the detector of this node is down: %s", e.Detail)
	case membership.LeaveStarted:
		return zap.InfoLevel, "this node leaves and tells everybody"
	case membership.StoppedStaying:
		return zap.InfoLevel, fmt.Sprintf("this half stops: %s", e.Detail)
	default:
		return zap.InfoLevel, e.Kind.String()
	}
}

// tell makes one log line of an event, and keeps health in step. It runs on the loop.
func (s *Service) tell(e membership.Event) {
	switch e.Kind {
	case membership.DetectorUp, membership.DetectorDown:
		s.server.Health().Set(pairHealth, e.Kind == membership.DetectorUp)
	}
	line := s.log.Check(phrase(e))
	if line == nil {
		return
	}
	fields := []zap.Field{zap.Stringer("event", e.Kind), zap.String("member", string(e.Member))}
	if e.Kind == membership.DetectorDown {
		fields = append(fields, zap.String("cure", "start the detector with the same NODE_ID; it is expected at "+
			string(s.opts.Membership.Self.DetectorAddress)))
	}
	if e.Trace != (swim.TraceID{}) {
		fields = append(fields, zap.Stringer("trace_id", trace.ID(e.Trace)))
	}
	line.Write(fields...)
}
