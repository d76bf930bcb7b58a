# SPDX-License-Identifier: Apache-2.0
"""A client that sends a write again until it is answered.

Each write has an Idempotency-Key, which every repeat of it has as well.  So a
write that was carried out is told as such, however many answers were lost: the
time that it took is from the first sending to the answer that was heard.
"""

import time
import uuid

from recorder import Unheard, Unsent

PATIENCE_S = 60


class Patient:
    """In the place of a Client, around one."""

    def __init__(self, client):
        self.client = client
        self.number = client.number
        self.random = client.random

    def send(self, method, path, body=None, headers=None):
        if method == "GET":
            return self.client.send(method, path, body, headers)
        fields = dict(headers or {})
        fields["Idempotency-Key"] = f'"{uuid.uuid4()}"'
        began = time.monotonic()
        call = None
        while True:
            try:
                answer = self.client.send(method, path, body, fields)
                call = call or answer.call
                if answer.status < 500:  # else nothing was done, or perhaps
                    break
            except Unheard as unheard:
                call = call or unheard.args[0]
            except Unsent:
                if call is None:
                    raise
            if time.monotonic() - began > PATIENCE_S:
                raise Unheard(call)
            time.sleep(0.02 * self.random.random())
        answer.call = call
        return answer
