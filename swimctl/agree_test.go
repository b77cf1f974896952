package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/wire"
)

// cluster starts a fake node for each digest, "1" first, and returns the address of that
// one. Each node is listed as alive; one without a digest is listed at a closed port.
func cluster(t *testing.T, digests ...swim.Digest) (addr string) {
	t.Helper()
	first := &fakeNode{}
	for i, digest := range digests {
		id := swim.NodeID(string(rune('1' + i)))
		node := &fakeNode{list: wire.List{Node: status1}}
		if i == 0 {
			node = first
			node.list.Node = status1
		}
		node.list.Node.ID, node.list.Node.Digest = id, digest
		row := member(id, swim.Alive, swim.Joined, "")
		switch at := freeAddress(t); {
		case i == 0:
			addr = node.start(t)
		case digest.Hash == 0:
			row.DisseminatorAddress = swim.Address(at)
		default:
			row.DisseminatorAddress = swim.Address(node.start(t))
		}
		first.list.Members = append(first.list.Members, row)
	}
	gone := member("9", swim.Failed, swim.Unreachable, "1") // is not asked
	first.list.Members = append(first.list.Members, gone)
	return addr
}

func TestViewsThatAgreeExitWith0AndSayHowLongTheLastChangeTook(t *testing.T) {
	addr := cluster(t, swim.Digest{Hash: 0xabc, Age: 12345 * time.Millisecond}, swim.Digest{Hash: 0xabc, Age: 12341 * time.Millisecond})
	got := swimctl(t.Context(), "agree", "--addr", addr)
	if got.code != 0 || got.stderr != "" {
		t.Errorf("exit code %d, stderr %q, want 0 and nothing", got.code, got.stderr)
	}
	checkGolden(t, "agree.table", addr, got.stdout)
	got = swimctl(t.Context(), "agree", "--addr", addr, "-o", "json")
	if got.code != 0 || got.stderr != "" {
		t.Errorf("exit code %d, stderr %q, want 0 and nothing", got.code, got.stderr)
	}
	checkGolden(t, "agree.json", addr, got.stdout)
}

func TestViewsThatDifferExitWith1AndNameTheNodes(t *testing.T) {
	most, other := swim.Digest{Hash: 0xabc, Age: time.Minute}, swim.Digest{Hash: 0xdef, Age: time.Second}
	addr := cluster(t, other, most, most)
	got := swimctl(t.Context(), "agree", "--addr", addr)
	if got.code != 1 {
		t.Errorf("exit code %d, want 1", got.code)
	}
	checkGolden(t, "differ.table", addr, got.stdout)
	checkGolden(t, "differ.stderr", addr, got.stderr)
}

func TestAMemberThatGivesNoAnswerIsNotSaidToAgree(t *testing.T) {
	addr := cluster(t, swim.Digest{Hash: 0xabc, Age: time.Minute}, swim.Digest{})
	got := swimctl(t.Context(), "agree", "--addr", addr, "-o", "json")
	var a agreementJSON
	if err := json.Unmarshal([]byte(got.stdout), &a); err != nil {
		t.Fatal(err)
	}
	if got.code != 1 || a.Agree || len(a.Members) != 2 || !strings.Contains(a.Members[1].Error, "connection refused") {
		t.Errorf("exit code %d, %+v; want 1, no agreement, and why 2 was not asked", got.code, a)
	}
	if want := "swimctl: the views do not agree; not known: 2\n"; got.stderr != want {
		t.Errorf("stderr %q, want %q", got.stderr, want)
	}
}

func TestAnotherNodeAtAMembersAddressIsNoAnswer(t *testing.T) {
	list := wire.List{Node: status1, Members: []swim.Member{member("1", swim.Alive, swim.Joined, ""), member("2", swim.Alive, swim.Joined, "")}}
	list.Node.Digest = swim.Digest{Hash: 0xabc, Age: time.Minute}
	node := &fakeNode{}
	addr := node.start(t)
	list.Members[1].DisseminatorAddress = swim.Address(addr)
	node.list = list
	got := swimctl(t.Context(), "agree", "--addr", addr)
	if got.code != 1 || !strings.Contains(got.stdout, "node 1 answers at its address") {
		t.Errorf("exit code %d, stdout %q, want 1 and who answers", got.code, got.stdout)
	}
}

func TestMembersAreListedOverAllPages(t *testing.T) {
	rows := oneOfEach()
	node := &fakeNode{list: wire.List{Node: status1, Members: rows[:2], NextToken: "3"}, pages: map[string]wire.List{
		"3": {Node: status1, Members: rows[2:4], NextToken: "5"},
		"5": {Node: status1, Members: rows[4:]},
	}}
	addr := node.start(t)
	got := swimctl(t.Context(), "members", "--addr", addr)
	if got.code != 0 || got.stderr != "" {
		t.Errorf("exit code %d, stderr %q, want 0 and nothing", got.code, got.stderr)
	}
	checkGolden(t, "members.table", addr, got.stdout)

	node.pages["5"] = wire.List{Node: status1, NextToken: "3"}
	if got := swimctl(t.Context(), "members", "--addr", addr); got.code != 1 || !strings.Contains(got.stderr, "in a circle") {
		t.Errorf("pages in a circle: exit code %d, stderr %q", got.code, got.stderr)
	}
}
