package logging

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
)

func TestNobodyWaitsForAReaderThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		a := NewAsync(w)
		for range queuedLines + 100 { // returns, or the bubble is deadlocked
			if n, err := a.Write([]byte("line\n")); n != 5 || err != nil {
				t.Fatalf("got %d, %v", n, err)
			}
		}
		if err := a.Sync(); err == nil {
			t.Error("Sync says that all was written")
		}
		var read bytes.Buffer
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.Copy(&read, r)
		}()
		if err := a.Sync(); err != nil {
			t.Error(err)
		}
		w.Close()
		<-done
		if got := strings.Count(read.String(), "line\n"); got < queuedLines {
			t.Errorf("%d lines were written, want all that were queued, %d", got, queuedLines)
		}
		if !strings.Contains(read.String(), "log lines were dropped here") {
			t.Error("nothing says that lines were dropped")
		}
		close(a.stop)
	})
}
