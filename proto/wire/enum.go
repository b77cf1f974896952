package wire

import (
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// The enums of swim and of swimpb have the same numbers (a test compares them name by
// name), so that converting is checking. A number that this version does not know is
// refused: guessing at a state could fail a healthy member.

// FromState converts a state; 0 becomes UNSPECIFIED.
func FromState(s swim.State) swimpb.MemberState { return swimpb.MemberState(s) }

// FromReason converts a reason; 0 becomes UNSPECIFIED.
func FromReason(r swim.Reason) swimpb.Reason { return swimpb.Reason(r) }

// FromEvidence converts evidence; 0 becomes UNSPECIFIED.
func FromEvidence(e swim.Evidence) swimpb.Evidence { return swimpb.Evidence(e) }

// recordState refuses CONTACT: nodes exchange what they know of members, and each has its
// own contacts.
func (c *check) recordState(field string, s swimpb.MemberState) swim.State {
	if s == swimpb.MemberState_MEMBER_STATE_CONTACT {
		c.fail(field, "nodes do not exchange contacts")
		return 0
	}
	return c.rowState(field, s)
}

// rowState accepts CONTACT too: rows that the Membership service shows.
func (c *check) rowState(field string, s swimpb.MemberState) swim.State {
	if s < 1 || s > swimpb.MemberState(swim.Contact) {
		c.fail(field, "%s is no state that this version knows", s)
		return 0
	}
	return swim.State(s)
}

// reason accepts UNSPECIFIED, for a row that states none.
func (c *check) reason(field string, r swimpb.Reason) swim.Reason {
	if r < 0 || r > swimpb.Reason(swim.ForgottenByHand) {
		c.fail(field, "%s is no reason that this version knows", r)
		return 0
	}
	return swim.Reason(r)
}

func (c *check) evidence(field string, e swimpb.Evidence) swim.Evidence {
	if e < 1 || e > swimpb.Evidence(swim.None) {
		c.fail(field, "%s is no evidence that this version knows", e)
		return 0
	}
	return swim.Evidence(e)
}
