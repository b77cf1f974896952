package membership_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

const (
	period = time.Second
	// oldIncarnation is that of every record of the tests. It is below every clock.
	oldIncarnation swim.Incarnation = 1000
)

// wallStart is the wall clock at Mono 0.
var wallStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// node is one core in virtual time: node 1 unless a test says otherwise. Its effects go
// nowhere; a test reads them and gives back what it wants to.
type node struct {
	t     *testing.T
	core  *membership.Core
	now   time.Duration
	clock time.Duration // how far the wall clock is ahead
	calls membership.Call

	attached  bool // its detector sends a lease each half period while time passes
	nextLease time.Duration
	heard     bool // its peers take what it pushes while time passes
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// start starts node 1 with what changes make of its configuration. Its first step is still
// to come.
func start(t *testing.T, changes ...func(*membership.Config)) *node {
	t.Helper()
	cfg := config("1")
	for _, change := range changes {
		change(&cfg)
	}
	n := &node{t: t}
	n.core = membership.New(cfg, newRand(1), n.time())
	return n
}

// config of a node with the defaults of the daemon.
func config(id swim.NodeID) membership.Config {
	return membership.Config{
		Self: member(id), PauseTolerance: time.Second, SuspicionMax: 4 * time.Second, PairGrace: 5 * time.Second,
	}
}

// startKnowing starts node 1 as an admitted member that knows others: it has joined
// through node 2.
func startKnowing(t *testing.T, others ...swim.Member) *node {
	t.Helper()
	return startIn(t, 0, others...)
}

// startIn is startKnowing in a cluster where news goes through heads from so many others on.
func startIn(t *testing.T, headsFrom int, others ...swim.Member) *node {
	t.Helper()
	n := start(t, bootstrap("2"), func(cfg *membership.Config) { cfg.HeadsFrom = headsFrom })
	join := only[membership.Join](t, n.run(0))
	n.feed(membership.JoinEnded{Number: join.Number, Members: others})
	n.lease()
	n.attached, n.nextLease = true, n.now+period/2
	return n
}

// detach silences the node's own detector.
func (n *node) detach() { n.attached = false }

// bootstrap names nodes to join through.
func bootstrap(ids ...swim.NodeID) func(*membership.Config) {
	return func(cfg *membership.Config) {
		for _, id := range ids {
			cfg.Bootstrap = append(cfg.Bootstrap, member(id).DisseminatorAddress)
		}
	}
}

// contacts names static members.
func contacts(ids ...swim.NodeID) func(*membership.Config) {
	return func(cfg *membership.Config) {
		for _, id := range ids {
			cfg.Contacts = append(cfg.Contacts, member(id).DetectorAddress)
		}
	}
}

// member is the usual record of a node with a decimal id: alive, on the seed's ports of
// 127.0.0.1, with the instance 10 * id.
func member(id swim.NodeID, changes ...func(*swim.Member)) swim.Member {
	number, err := strconv.Atoi(string(id))
	if err != nil {
		panic(err)
	}
	m := swim.Member{
		ID: id, State: swim.Alive, Reason: swim.Joined, Incarnation: oldIncarnation,
		Instance:        swim.Instance(10 * number),
		DetectorAddress: address("127.0.0.1", 50050+number), DisseminatorAddress: address("127.0.0.1", 50060+number),
		ProbeInterval: period,
	}
	for _, change := range changes {
		change(&m)
	}
	return m
}

// crowd is many members, ordered by id.
func crowd(size int, changes ...func(i int, m *swim.Member)) []swim.Member {
	all := make([]swim.Member, size)
	for i := range all {
		all[i] = member("3")
		all[i].ID = swim.NodeID(fmt.Sprintf("m%05d", i))
		for _, change := range changes {
			change(i, &all[i])
		}
	}
	return all
}

func address(host string, port int) swim.Address {
	return swim.Address(fmt.Sprintf("%s:%d", host, port))
}

func as(state swim.State, reason swim.Reason) func(*swim.Member) {
	return func(m *swim.Member) { m.State, m.Reason = state, reason }
}

func at(incarnation swim.Incarnation) func(*swim.Member) {
	return func(m *swim.Member) { m.Incarnation = incarnation }
}

func accusedBy(id swim.NodeID) func(*swim.Member) {
	return func(m *swim.Member) { m.Accuser = id }
}

// ofInstance is another life of the node.
func ofInstance(instance swim.Instance) func(*swim.Member) {
	return func(m *swim.Member) { m.Instance = instance }
}

// moved is the node on another host.
func moved(m *swim.Member) {
	number, _ := strconv.Atoi(string(m.ID))
	m.DetectorAddress, m.DisseminatorAddress = address("127.0.0.9", 50050+number), address("127.0.0.9", 50060+number)
}

func (n *node) time() swim.Now {
	return swim.Now{Mono: n.now, Wall: wallStart.Add(n.now + n.clock)}
}

// feed applies one input now and returns all that comes of it.
func (n *node) feed(in membership.Input) []membership.Effect {
	return slices.Clone(n.core.Step(n.time(), in))
}

// run lets d pass, with a tick at every deadline, and returns all that comes of it.
func (n *node) run(d time.Duration) (effects []membership.Effect) {
	n.t.Helper()
	end := n.now + d
	for ticks := 0; n.nextStep() <= end; ticks++ {
		if next := n.nextStep(); next > n.now {
			n.now, ticks = next, 0
		}
		if n.attached && n.now >= n.nextLease {
			n.nextLease = n.now + period/2
			effects = append(effects, n.taken(n.lease())...)
			continue
		}
		if ticks > 5 {
			n.t.Fatalf("at %s the deadline stays at %s: the loop would spin", n.now, n.core.Deadline())
		}
		effects = append(effects, n.taken(n.feed(membership.Tick{}))...)
	}
	n.now = end
	return effects
}

// taken ends the pushes among effects, if the peers take them, and adds what comes of that.
func (n *node) taken(effects []membership.Effect) []membership.Effect {
	if n.heard {
		for _, push := range pushes(effects) {
			effects = append(effects, n.pushEnded(push, swim.Acked)...)
		}
	}
	return effects
}

// nextStep is when run has something to do.
func (n *node) nextStep() time.Duration {
	if n.attached {
		return min(n.core.Deadline(), n.nextLease)
	}
	return n.core.Deadline()
}

// stall lets d pass without a tick, as if the process was stopped.
func (n *node) stall(d time.Duration) { n.now += d }

// newCall is the number of the next request of somebody else.
func (n *node) newCall() membership.Call {
	n.calls++
	return n.calls
}

func (n *node) lease() []membership.Effect { return n.feed(membership.LeaseReceived{}) }

// hears is a push of records by node 9.
func (n *node) hears(records ...swim.Member) []membership.Effect { return n.hearsFrom("9", records...) }

func (n *node) hearsFrom(sender swim.NodeID, records ...swim.Member) []membership.Effect {
	return n.feed(membership.NewsReceived{Call: n.newCall(), Sender: sender, Members: records})
}

// dies lets member id be failed here: a peer suspects it, and says later that it is dead.
func (n *node) dies(id swim.NodeID) []membership.Effect {
	row := n.row(id)
	row.State, row.Reason, row.Accuser = swim.Suspect, swim.Unreachable, "9"
	effects := n.hears(row)
	effects = append(effects, n.run(period)...)
	row.State = swim.Failed
	return append(effects, n.hears(row)...)
}

// accusedByPeer tells this node that it is accused of not answering at an incarnation.
func (n *node) accusedByPeer(peer swim.NodeID, incarnation swim.Incarnation) (membership.Call, []membership.Effect) {
	told := n.self()
	told.State, told.Reason, told.Accuser, told.Incarnation = swim.Suspect, swim.Unreachable, peer, incarnation
	call := n.newCall()
	return call, n.feed(membership.NewsReceived{Call: call, Members: []swim.Member{told}, Accusation: true})
}

// verdict is the own detector's: m is unreachable.
func (n *node) verdict(m swim.Member) []membership.Effect {
	return n.feed(membership.TargetUnreachable{
		Target: m.ID, Incarnation: m.Incarnation, Instance: m.Instance, Paths: []swim.Path{{Evidence: swim.Silent}},
	})
}

// pushEnded ends a Disseminate.
func (n *node) pushEnded(call membership.Disseminate, evidence swim.Evidence, newer ...swim.Member) []membership.Effect {
	return n.feed(membership.NewsEnded{Number: call.Number, Evidence: evidence, Newer: newer})
}

// syncEnded ends a Sync: by the node that answers, with the rows that it holds newer.
func (n *node) syncEnded(call membership.Sync, responder swim.Member, newer ...swim.Member) []membership.Effect {
	return n.feed(membership.SyncEnded{Number: call.Number, Evidence: swim.Acked, Responder: responder, Newer: newer})
}

// syncRefused ends a Sync with nobody.
func (n *node) syncRefused(call membership.Sync) []membership.Effect {
	return n.feed(membership.SyncEnded{Number: call.Number, Evidence: swim.Refused})
}

// reached: the own detector has met m at m's detector address.
func (n *node) reached(m swim.Member) []membership.Effect {
	return n.feed(membership.ContactReached{Address: m.DetectorAddress, Responder: m})
}

// joins is a Join of m.
func (n *node) joins(m swim.Member) (membership.Call, []membership.Effect) {
	call := n.newCall()
	return call, n.feed(membership.JoinReceived{Call: call, Address: m.DetectorAddress, Member: m})
}

// syncedBy is a Sync of a peer that holds these rows, its own among them.
func (n *node) syncedBy(sender swim.Member, rows ...swim.Member) []membership.Effect {
	in := membership.SyncReceived{Call: n.newCall(), Sender: sender, Range: &membership.IDRange{}}
	for _, m := range rows {
		in.Summaries = append(in.Summaries, m.Summary())
	}
	return n.feed(in)
}

func (n *node) self() swim.Member { return n.core.Snapshot().Self }

// row is what this node says of a member; the zero Member if it lists none.
func (n *node) row(id swim.NodeID) swim.Member {
	for _, m := range n.core.Snapshot().Members {
		if m.ID == id {
			return m
		}
	}
	return swim.Member{}
}

// wantState fails the test if this node holds a member in another state.
func (n *node) wantState(id swim.NodeID, want swim.State) {
	n.t.Helper()
	if got := n.row(id).State; got != want {
		n.t.Errorf("member %s is %s, want %s", id, got, want)
	}
}
