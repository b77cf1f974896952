package probe

import "github.com/swimpair/swim/proto/swim"

// Event is something worth telling a person. It changes nothing; the edge makes one log
// line of it.
type Event struct {
	Kind    EventKind
	Member  swim.NodeID
	Address swim.Address
	Detail  string
	Trace   swim.TraceID
}

// EventKind says what happened.
type EventKind uint8

const (
	PingMissed        EventKind = iota + 1 // no ack in time; the proxies are asked
	IndirectlyAcked                        // a proxy reached the target
	AckedLate                              // the target answered when the round was over
	TargetUnreachable                      // verdict: reported to the disseminator
	RoundDropped                           // this process was stalled; no verdict
	InstanceChanged                        // the target answers as another instance
	ContactReached                         // a contact answered
	ContactMissed                          // a contact does not answer (said once)
	ContactWrong                           // it answers, but as no detector to work with (said once)
	ConnectionLost                         // a member closed its connection; this node looks at once
	CrashSeen                              // and its port refuses fresh ones: reported
	ProbingStarted                         // a member is probed from now on
	ProbingStopped                         // a member is not probed any more
	OrphanFound                            // a member's disseminator is down, says its detector
	DisseminatorUp                         // the own disseminator is heard
	DisseminatorDown                       // the own disseminator is dead or frozen
)

var eventNames = map[EventKind]string{
	PingMissed: "ping_missed", IndirectlyAcked: "indirectly_acked", AckedLate: "acked_late",
	TargetUnreachable: "target_unreachable", RoundDropped: "round_dropped",
	InstanceChanged: "instance_changed", ContactReached: "contact_reached",
	ContactMissed: "contact_missed", ContactWrong: "contact_wrong",
	ConnectionLost: "connection_lost", CrashSeen: "crash_seen", ProbingStarted: "probing_started",
	ProbingStopped: "probing_stopped", OrphanFound: "orphan_found", DisseminatorUp: "disseminator_up",
	DisseminatorDown: "disseminator_down",
}

func (k EventKind) String() string { return eventNames[k] }
