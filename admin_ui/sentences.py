"""Chinese of sentences the gateway says in English, for those people meet: what happened, and what to do next.

A sentence that is not here is shown in English below the general meaning of its code.
"""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "The database cannot be used now.": "数据库现在不能使用。",
    "Nothing was changed; try again, and look at `imprimatur doctor`.": "什么都没有改动；请稍候重试，并请系统管理员运行 doctor 检查。",
}
