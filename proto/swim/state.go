package swim

import "fmt"

// State of a member. The order from Alive to Forgotten is the order of precedence at
// equal incarnations.
type State uint8

const (
	// Alive answers probes, or has not failed to.
	Alive State = iota + 1
	// Suspect is accused and may still refute (SWIM 4.2). It is probed like an alive member.
	Suspect
	// Failed is judged dead. A higher incarnation of it may return.
	Failed
	// Left said goodbye.
	Left
	// Forgotten was removed by an operator; the record stays so that none brings it back.
	Forgotten
	// Contact is an address that nobody has met yet. Never in a record that nodes exchange.
	Contact
)

var stateNames = map[State]string{
	Alive: "alive", Suspect: "suspect", Failed: "failed",
	Left: "left", Forgotten: "forgotten", Contact: "contact",
}

func (s State) String() string { return nameOf(stateNames, s, "state") }

// Live reports whether the member takes part: it is probed and told the news.
func (s State) Live() bool { return s == Alive || s == Suspect }

// Reason why a member is in its state.
type Reason uint8

const (
	Joined           Reason = iota + 1 // Alive: admitted, both ports met
	Refuted                            // Alive: the subject answered an accusation
	Updated                            // Alive: the subject changed its tags
	Unreachable                        // Suspect, Failed: direct and indirect pings unanswered
	Crashed                            // Failed: refused by the kernel of its own host
	DetectorDown                       // Suspect, Failed: said by its disseminator
	DisseminatorDown                   // Suspect, Failed: said by its detector
	SaidGoodbye                        // Left
	ForgottenByHand                    // Forgotten: by an operator
)

var reasonNames = map[Reason]string{
	Joined: "joined", Refuted: "refuted", Updated: "updated", Unreachable: "unreachable",
	Crashed: "crashed", DetectorDown: "detector_down", DisseminatorDown: "disseminator_down",
	SaidGoodbye: "left", ForgottenByHand: "forgotten",
}

// String returns the reason in the words of logs and tables, "" for none.
func (r Reason) String() string {
	if r == 0 {
		return ""
	}
	return nameOf(reasonNames, r, "reason")
}

// Evidence is how one path of a probe ended (see the Evidence enum of swim.proto).
type Evidence uint8

const (
	Acked       Evidence = iota + 1 // the target answered
	Refused                         // its host refused the connection
	Silent                          // no answer within the time-out
	WrongTarget                     // another node or another instance answered
	HalfDown                        // it answered: my other half is down
	None                            // nothing was learned; counts for nothing
)

var evidenceNames = map[Evidence]string{
	Acked: "acked", Refused: "refused", Silent: "silent",
	WrongTarget: "wrong target", HalfDown: "half down", None: "none",
}

func (e Evidence) String() string { return nameOf(evidenceNames, e, "evidence") }

// Path is the end of one way to reach a target: directly, or through a proxy.
type Path struct {
	Proxy    NodeID // empty: the direct ping
	Evidence Evidence
}

func (p Path) String() string {
	if p.Proxy == "" {
		return "direct " + p.Evidence.String()
	}
	return fmt.Sprintf("by %s %s", p.Proxy, p.Evidence)
}

func nameOf[T ~uint8](names map[T]string, v T, kind string) string {
	if name, ok := names[v]; ok {
		return name
	}
	return fmt.Sprintf("%s(%d)", kind, uint8(v))
}
