//go:build !linux

package app

func clockSynced() (synced, known bool) { return false, false }
