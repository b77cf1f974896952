package membership

import (
	"fmt"

	"github.com/swimpair/swim/proto/swim"
)

// Event is something worth telling a person. It changes nothing; the edge makes one log
// line of it.
type Event struct {
	Kind   EventKind
	Member swim.NodeID // whom it is about
	Detail string
	Trace  swim.TraceID
}

// EventKind says what happened.
type EventKind uint8

const (
	MemberAlive        EventKind = iota + 1 // a row became alive, or is new
	MemberSuspect                           // a row became suspect
	MemberFailed                            // a row became failed
	MemberLeft                              // a row became left
	MemberForgotten                         // a row was removed by an operator
	AccusationStarted                       // the accused is told before anybody else
	AccusationRefuted                       // the accused answered
	AccusationStale                         // about an incarnation that is past
	AccusedMyself                           // somebody accuses this node
	RefutedMyself                           // this node has answered an accusation
	ContactMet                              // both ports of a contact have been met
	ContactRefused                          // a contact may not become a member
	JoinSucceeded                           // a bootstrap node has admitted this node
	JoinFailed                              // it has not; will keep trying
	ConflictFound                           // two live processes have one id
	RecordRefused                           // a record that nobody may believe
	CrashFound                              // its connection was closed, and both its ports refuse
	SuspicionConfirmed                      // a witness has found the same
	SuspicionHeard                          // the suspect has called, or answered somebody: it is not dead
	SuspicionAnswered                       // asked for the last time, the suspect has answered
	PartitionSuspected                      // most members are suspect together
	AccuserIgnored                          // its accusations were refuted again and again
	PauseNoticed                            // this process stood still for a while
	ComebackDelayed                         // failed again and again, this node waits
	Unwell                                  // most of this node's pings are never answered
	Well                                    // its pings are answered again
	ViewsDiffered                           // a peer holds other live members; compared now
	ViewsAgree                              // the comparison is over: both have what the other knew
	DetectorUp                              // the own detector is heard
	DetectorDown                            // the own detector is dead or frozen
	LeaveStarted                            // this node tells all that it leaves
	StoppedStaying                          // this half stops, the node stays a member
)

var eventNames = map[EventKind]string{
	MemberAlive: "member_alive", MemberSuspect: "member_suspect", MemberFailed: "member_failed",
	MemberLeft: "member_left", MemberForgotten: "member_forgotten",
	AccusationStarted: "accusation_started", AccusationRefuted: "accusation_refuted",
	AccusationStale: "accusation_stale", AccusedMyself: "accused_myself",
	RefutedMyself: "refuted_myself", ContactMet: "contact_met", ContactRefused: "contact_refused",
	JoinSucceeded: "join_succeeded", JoinFailed: "join_failed", ConflictFound: "conflict_found",
	CrashFound: "crash_found", SuspicionConfirmed: "suspicion_confirmed", SuspicionHeard: "suspicion_heard", SuspicionAnswered: "suspicion_answered",
	PartitionSuspected: "partition_suspected", AccuserIgnored: "accuser_ignored",
	ComebackDelayed: "comeback_delayed", Unwell: "unwell", Well: "well", PauseNoticed: "pause_noticed",
	ViewsDiffered: "views_differed", ViewsAgree: "views_agree", RecordRefused: "record_refused",
	DetectorUp: "detector_up", DetectorDown: "detector_down",
	LeaveStarted: "leave_started", StoppedStaying: "stopped_staying",
}

func (k EventKind) String() string { return eventNames[k] }

var kindOfState = map[swim.State]EventKind{
	swim.Alive: MemberAlive, swim.Suspect: MemberSuspect, swim.Failed: MemberFailed,
	swim.Left: MemberLeft, swim.Forgotten: MemberForgotten,
}

// describe says why a row is in its state: "unreachable, said by 3".
func describe(m swim.Member) string {
	if m.Accuser == "" {
		return m.Reason.String()
	}
	return fmt.Sprintf("%s, said by %s", m.Reason, m.Accuser)
}
