package vocabulary

// Events of the engine.
const (
	EventCheckpointRejected    Event = "checkpoint_rejected"
	EventPacketsTopicRecreated Event = "packets_topic_recreated"
)

// EngineEvents describes the events of the engine.
var EngineEvents = []Entry{
	{string(EventCheckpointRejected), "Checkpoint rejected", "The checkpoint of a lane has another version or configuration, or is corrupted. The lane starts with an untrained model at the offsets of the checkpoint, as far as these could be read."},
	{string(EventPacketsTopicRecreated), "Packets topic recreated", "The packets topic was deleted and created again. Its unread records are lost; the lane keeps its model and continues at the start of the new topic."},
}
