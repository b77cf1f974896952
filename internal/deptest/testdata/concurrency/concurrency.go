// Package concurrency does more than one thing at once.
package concurrency

func Use(inbox chan int) {
	go func() {}()
	select {
	case <-inbox:
	}
}
