package virtual_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/tests/virtual"
)

// A peer of the seed's family sends only the seed's fields, no metadata, decimal ids, and
// addresses where the field's name says id.

func TestASeedPeerIsPinged(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		conn := net.Client(nodes[1].DetectorAddress)
		defer conn.Close()
		client := swimpb.NewFailureDetectorClient(conn)
		for target, want := range map[string]bool{
			"localhost:50052": true,  // the seed's habit
			"node2:50052":     true,  // another name of the same node
			"2":               true,  // by id
			"localhost:50053": false, // somebody else's address
			"3":               false, // somebody else's id
		} {
			answer, err := client.Ping(context.Background(), &swimpb.PingRequest{SenderId: "9", TargetId: target})
			if err != nil {
				t.Fatal(err)
			}
			if got := answer.GetIsAlive(); got != want {
				t.Errorf("node 2, asked for %s, says is_alive %t, want %t", target, got, want)
			}
		}
		expectLine(t, nodes[1].DetectorLog, "Component FailureDetector of Node 2 runs RPC Ping called by Component FailureDetector of Node 9")
	})
}

func TestASeedPeersIndirectPingIsAnswered(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		nodes[4].Kill()
		time.Sleep(15 * time.Second)
		conn := net.Client(nodes[0].DetectorAddress)
		defer conn.Close()
		client := swimpb.NewFailureDetectorClient(conn)
		for target, want := range map[string]bool{
			"localhost:50052": true,
			"3":               true,
			"localhost:50055": false, // dead
			"169.254.1.1:80":  false, // no member: not dialled
		} {
			answer, err := client.IndirectPing(context.Background(), &swimpb.IndirectPingRequest{
				RequesterId: "9", TargetId: target, ProxyNodes: []string{"localhost:50051"},
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := answer.GetSuccess(); got != want {
				t.Errorf("indirect ping of %s: success %t, want %t", target, got, want)
			}
		}
	})
}

func TestASeedPeersAccusationIsMadeSureOf(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		conn := net.Client(nodes[0].DisseminatorAddress)
		defer conn.Close()
		client := swimpb.NewDisseminationClient(conn)
		for failed, want := range map[string]bool{"localhost:50053": true, "3": true, "localhost:50099": false} {
			answer, err := client.Disseminate(context.Background(), &swimpb.DisseminationRequest{SenderId: "9", FailedNodeId: failed})
			if err != nil {
				t.Fatal(err)
			}
			if got := answer.GetSuccess(); got != want {
				t.Errorf("accusation of %s: success %t, want %t", failed, got, want)
			}
		}
		time.Sleep(10 * time.Second)
		everybodySays(t, nodes, "3", swim.Alive)
	})
}

func TestASeedPeerJoinsAndGetsTheCurrentList(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		nodes[4].Kill()
		time.Sleep(15 * time.Second)
		conn := net.Client(nodes[0].DisseminatorAddress)
		defer conn.Close()
		answer, err := swimpb.NewDisseminationClient(conn).Join(context.Background(), &swimpb.JoinRequest{
			NewNodeId: "6", NewNodeAddress: "localhost:50056",
		})
		if err != nil {
			t.Fatal(err)
		}
		got := answer.GetMembership()
		slices.Sort(got)
		if want := []string{"localhost:50051", "localhost:50052", "localhost:50053", "localhost:50054"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want the live members %v", got, want)
		}
		expectLine(t, nodes[0].DisseminatorLog, "Component Dissemination of Node 1 runs RPC Join called by Component NewNode of Node 6")
	})
}

func TestSenselessMessagesAreRefusedAndHarmNobody(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		conn := net.Client(nodes[0].DisseminatorAddress)
		defer conn.Close()
		client := swimpb.NewDisseminationClient(conn)
		member := &swimpb.Member{
			Id: "3", DetectorAddress: "localhost:50053", DisseminatorAddress: "localhost:50063",
			State: 77, Incarnation: 1, Instance: 1,
		}
		oversized := &swimpb.DisseminationRequest{SenderId: "9", FailedNodeId: string(make([]byte, 300<<10))}
		for name, test := range map[string]struct {
			request *swimpb.DisseminationRequest
			want    codes.Code
		}{
			"unknown enum":        {&swimpb.DisseminationRequest{SenderId: "9", Members: []*swimpb.Member{member}}, codes.InvalidArgument},
			"no sender":           {&swimpb.DisseminationRequest{FailedNodeId: "3"}, codes.InvalidArgument},
			"oversized":           {oversized, codes.ResourceExhausted},
			"a stranger's report": {&swimpb.DisseminationRequest{SenderId: "3", Reports: []*swimpb.ProbeReport{{Report: &swimpb.ProbeReport_Missed{Missed: &swimpb.MissedReport{Address: "localhost:50053", Evidence: swimpb.Evidence_EVIDENCE_SILENT}}}}}, codes.PermissionDenied},
		} {
			_, err := client.Disseminate(context.Background(), test.request)
			if got := status.Code(err); got != test.want {
				t.Errorf("%s: got %s (%v), want %s", name, got, err, test.want)
			}
		}
		time.Sleep(5 * time.Second)
		everybodySays(t, nodes, "3", swim.Alive)
	})
}

// Each confirmation shortens the life of a suspect, so a witness speaks for itself only.
func TestAConfirmationIsTakenFromTheSendersDisseminatorOnly(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		conn := net.Client(nodes[0].DisseminatorAddress)
		defer conn.Close()
		client := swimpb.NewDisseminationClient(conn)
		row := nodes[0].Row("3")
		request := &swimpb.DisseminationRequest{SenderId: "2", Confirmations: []*swimpb.Confirmation{
			{MemberId: "3", Incarnation: uint64(row.Incarnation), Instance: uint64(row.Instance)},
		}}
		for _, test := range []struct {
			component, node string
			want            codes.Code
		}{
			{"Dissemination", "2", codes.OK},
			{"Dissemination", "4", codes.PermissionDenied},
			{"FailureDetector", "2", codes.PermissionDenied},
			{"FailureDetector", "1", codes.PermissionDenied}, // its own
			{"", "", codes.PermissionDenied},
		} {
			ctx := context.Background()
			if test.component != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, "swim-cluster", "swim", "swim-component", test.component, "swim-node", test.node)
			}
			if _, err := client.Disseminate(ctx, request); status.Code(err) != test.want {
				t.Errorf("from %q of node %q: got %v, want %s", test.component, test.node, err, test.want)
			}
		}
	})
}
