package wire_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/wire"
)

func TestLimitsAreThoseOfTheContract(t *testing.T) {
	contract, err := os.ReadFile("../../swim.proto")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(strings.ReplaceAll(string(contract), "//", " ")), " ")
	for _, want := range []string{
		fmt.Sprintf("an id has 1 to %d characters of [A-Za-z0-9._-];", wire.MaxIDLength),
		fmt.Sprintf("an address is host:port, at most %d bytes;", wire.MaxAddressBytes),
		fmt.Sprintf("at most %d tags, keys of 1 to %d and values of up to %d bytes;",
			wire.MaxTags, wire.MaxTagKeyBytes, wire.MaxTagValueBytes),
		fmt.Sprintf("zone and version have at most %d bytes;", wire.MaxTextBytes),
		fmt.Sprintf("a message has at most %d rows and %d KiB.", wire.MaxRows, wire.MaxMessageBytes>>10),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("swim.proto does not say %q", want)
		}
	}
}

func TestARecordAtEveryLimitPasses(t *testing.T) {
	m := largeRecord(1)
	m.ProbeInterval = wire.MaxProbeInterval
	got, err := wire.ToMember(overTheWire(t, wire.FromMember(m)))
	if err != nil {
		t.Fatal(err)
	}
	if swim.Compare(got, m) != 0 {
		t.Errorf("got %+v, want %+v", got, m)
	}
}

func TestAMessageOf1024RowsPasses(t *testing.T) {
	members := many(wire.MaxRows)
	s := wire.Sync{Sender: smallRecord("1"), Range: &wire.Range{}, Members: members}
	for _, m := range members {
		s.Summaries = append(s.Summaries, m.Summary())
	}
	got, err := wire.ParseSync(overTheWire(t, s.Proto()))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Members) != wire.MaxRows || len(got.Summaries) != wire.MaxRows {
		t.Errorf("got %d rows and %d summaries, want %d of each", len(got.Members), len(got.Summaries), wire.MaxRows)
	}
}

func TestPagesCarryEveryRowInOrder(t *testing.T) {
	large := make([]swim.Member, 100)
	for i := range large {
		large[i] = largeRecord(i)
	}
	tables := map[string][]swim.Member{
		"none": nil, "one": many(1), "exactly full": many(wire.MaxRows), "one more": many(wire.MaxRows + 1),
		"three pages": many(2*wire.MaxRows + 1), "large rows": large, "mixed rows": append(many(1000), large...),
	}
	for name, table := range tables {
		var carried []swim.NodeID
		for rest := table; len(rest) > 0; {
			var page []swim.Member
			page, rest = wire.FirstPage(rest)
			if len(page) == 0 || len(page) > wire.MaxRows {
				t.Fatalf("%s: a page has %d rows, want 1 to %d", name, len(page), wire.MaxRows)
			}
			if size := proto.Size(wire.JoinAnswer{Members: page}.Proto()); size > wire.MaxPageBytes {
				t.Errorf("%s: a page of %d rows has %d bytes, want at most %d", name, len(page), size, wire.MaxPageBytes)
			}
			for _, m := range page {
				carried = append(carried, m.ID)
			}
		}
		if want := memberIDs(table); !slices.Equal(carried, want) {
			t.Errorf("%s: the pages carry %d rows, want these %d in order", name, len(carried), len(want))
		}
	}
}

func TestAFullPageWastesLittle(t *testing.T) {
	table := make([]swim.Member, 100)
	for i := range table {
		table[i] = largeRecord(i)
	}
	page, _ := wire.FirstPage(table)
	row := proto.Size(wire.FromMember(table[0]))
	if got, want := len(page), wire.MaxPageBytes/row-1; got < want {
		t.Errorf("a page has %d rows of %d bytes, want at least %d", got, row, want)
	}
}

func memberIDs(members []swim.Member) []swim.NodeID {
	var ids []swim.NodeID
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	return ids
}

// The worst messages that a sender who pages can make stay below what gRPC accepts.
func TestFullMessagesFitTheMessageLimit(t *testing.T) {
	var table []swim.Member
	for i := range wire.MaxRows {
		table = append(table, largeRecord(i))
	}
	page, _ := wire.FirstPage(table)
	request := wire.Sync{Sender: table[0], Members: page, Range: &wire.Range{To: table[1].ID}}
	answer := wire.SyncAnswer{Responder: table[0], Newer: page}
	join := wire.JoinAnswer{Members: page}
	for _, m := range table {
		request.Summaries = append(request.Summaries, m.Summary())
		answer.Wanted = append(answer.Wanted, m.ID)
	}
	for _, m := range page {
		join.Addresses = append(join.Addresses, m.DetectorAddress)
	}
	for _, message := range []proto.Message{request.Proto(), answer.Proto(), join.Proto()} {
		if got := proto.Size(message); got > wire.MaxMessageBytes {
			t.Errorf("%s has %d bytes, want at most %d", message.ProtoReflect().Descriptor().Name(), got, wire.MaxMessageBytes)
		}
	}
}
