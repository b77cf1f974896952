package bench

import (
	"testing"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/cluster"
)

func TestLinesOfPeers(t *testing.T) {
	cases := []struct {
		name  string
		parse func(string) (said, bool)
		line  string
		want  said
	}{
		{"memberlist join", parseMemberlist, "2026-11-26T17:06:49.123456789Z join 12", said{12, alive}},
		{"memberlist leave", parseMemberlist, "2026-11-26T17:06:49.123456789Z leave 3", said{3, gone}},
		{"memberlist update", parseMemberlist, "2026-11-26T17:06:49.123456789Z update 3", said{}},
		{"memberlist log", parseMemberlist, "2026/11/26 17:06:49 [DEBUG] memberlist: Stream connection", said{}},
		{"serf join", parseSerf, "    2026/11/26 17:06:39 [INFO] serf: EventMemberJoin: 2 127.0.99.2", said{2, alive}},
		{"serf failed", parseSerf, "    2026/11/26 17:06:49 [INFO] serf: EventMemberFailed: 3 127.0.99.3", said{3, failed}},
		{"serf leave", parseSerf, "    2026/11/26 17:06:49 [INFO] serf: EventMemberLeave: 3 127.0.99.3", said{3, left}},
		{"serf forced leave", parseSerf, "    2026/11/26 17:06:49 [INFO] serf: EventMemberLeave (forced): 3 127.0.99.3", said{3, left}},
		{"serf update", parseSerf, "    2026/11/26 17:06:49 [INFO] serf: EventMemberUpdate: 3", said{}},
		{"serf suspicion", parseSerf, "    2026/11/26 17:06:45 [INFO] memberlist: Suspect 3 has failed, no acks received", said{}},
		{"serf banner", parseSerf, "==> Starting Serf agent...", said{}},
		{"serf name of another", parseSerf, "    2026/11/26 17:06:39 [INFO] serf: EventMemberJoin: host 127.0.99.2", said{}},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			got, ok := test.parse(test.line)
			if wanted := test.want != (said{}); ok != wanted || ok && got != test.want {
				t.Errorf("got %v, %t, want %v", got, ok, test.want)
			}
		})
	}
}

func TestChangesOfOurs(t *testing.T) {
	change := func(member swim.NodeID, s swim.State, reason swim.Reason) cluster.Change {
		return cluster.Change{At: epoch, Observer: "1", Member: swim.Member{ID: member, State: s, Reason: reason}}
	}
	removed := change("2", swim.Left, swim.SaidGoodbye)
	removed.Removed = true
	cases := []struct {
		name   string
		change cluster.Change
		want   event
	}{
		{"alive", change("2", swim.Alive, swim.Joined), event{state: alive}},
		{"half a node", change("2", swim.Suspect, swim.DetectorDown), event{state: suspect, reason: "detector_down"}},
		{"failed", change("2", swim.Failed, swim.Unreachable), event{state: failed}},
		{"left", change("2", swim.Left, swim.SaidGoodbye), event{state: left}},
		{"removed", removed, event{state: unknown}},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			test.want.at, test.want.observer, test.want.member = epoch, 1, 2
			if got, ok := translate(test.change); !ok || got != test.want {
				t.Errorf("got %+v, %t, want %+v", got, ok, test.want)
			}
		})
	}
	if _, ok := translate(change("", swim.Contact, 0)); ok {
		t.Error("a contact without an id is taken for a member")
	}
}
