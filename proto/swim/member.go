package swim

import (
	"maps"
	"time"
)

// Member is a record: what one row of the membership table says about one node. A value;
// share it freely, but Clone it before you change Tags.
type Member struct {
	ID          NodeID
	State       State
	Incarnation Incarnation
	Instance    Instance
	Reason      Reason
	// Accuser is the node that first said so, when that was not the subject.
	Accuser NodeID

	// What follows is payload. Only the subject changes it, with a new incarnation.

	DetectorAddress     Address
	DisseminatorAddress Address
	// OwnAddress: the advertised IP is on an interface of the node's own host, so a
	// refusal there comes from the node's own kernel.
	OwnAddress    bool
	ProbeInterval time.Duration
	Tags          map[string]string
	Zone          string
	Version       string
}

// Clone returns a copy that shares nothing with m.
func (m Member) Clone() Member {
	m.Tags = maps.Clone(m.Tags)
	return m
}

// Equal reports whether two records say the same. No tags at all and an empty map of tags
// are equal.
func (m *Member) Equal(other *Member) bool {
	return m.Summary() == other.Summary() && m.Reason == other.Reason && m.Accuser == other.Accuser &&
		m.SameAddresses(*other) && m.OwnAddress == other.OwnAddress && m.ProbeInterval == other.ProbeInterval &&
		m.Zone == other.Zone && m.Version == other.Version && maps.Equal(m.Tags, other.Tags)
}

// SameAddresses reports whether both of m's ports are where other's are.
func (m Member) SameAddresses(other Member) bool {
	return m.DetectorAddress == other.DetectorAddress && m.DisseminatorAddress == other.DisseminatorAddress
}

// Summary is a record without its payload: enough to see which of two is newer.
type Summary struct {
	ID          NodeID
	Incarnation Incarnation
	State       State
	Instance    Instance
}

// Summary of the record.
func (m Member) Summary() Summary {
	return Summary{ID: m.ID, Incarnation: m.Incarnation, State: m.State, Instance: m.Instance}
}

// Confirmation is a witness's own finding that a suspect does not answer; or, if Heard,
// that it has answered or called since. It names the incarnation that was probed: a later
// one is another suspicion. Who sent it is the witness; hearsay is never one.
type Confirmation struct {
	ID          NodeID
	Incarnation Incarnation
	Instance    Instance
	Heard       bool
	// CrashSeen: the witness's established connection to the suspect was closed, and both its
	// ports have refused fresh connections since.
	CrashSeen bool
}
