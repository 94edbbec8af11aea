"""CloudEvents 1.0, in the structured mode of JSON (cloudevents.io). Pure."""

from worker.messages import VERSION, Body


def cloudevents(body: Body, webhook_id: str) -> Body:
    """An event whose data is the body; `id` is the message's own, so a repeated try shows as one.

    `subject` is the topic and the story, or an operator's matter.
    """
    event: Body = {
        "specversion": "1.0",
        "id": webhook_id,
        "source": "/wirewatch",
        "type": f"wirewatch.{body['type']}",
        "time": body["timestamp"],
        "datacontenttype": "application/json",
        "dataschema": f"urn:wirewatch:schema:alert-{VERSION}",
        "data": body,
    }
    subject = body.get("matter", "")
    if "topic" in body:
        subject = f"{body['topic']['name']}/{body.get('story', {}).get('id', 0)}"
    return event | {"subject": subject} if subject else event
