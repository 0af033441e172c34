package store

import (
	"context"
	"testing"
)

func TestLedgerIsKept(t *testing.T) {
	cfg := testConfig(t)
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if state, err := s.Ledger(t.Context()); err != nil || state != nil {
		t.Fatalf("a new file has %q, %v", state, err)
	}
	for _, state := range []string{"one", "two"} {
		if err := s.SaveLedger(context.Background(), []byte(state)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if state, err := openStore(t, cfg).Ledger(t.Context()); err != nil || string(state) != "two" {
		t.Errorf("read back %q, %v", state, err)
	}
}
