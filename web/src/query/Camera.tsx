// How is a photo taken to search with?

import { useCallback, useEffect, useRef, useState } from "react";

import { useMessages } from "../messages/Messages.tsx";
import { Button, IconButton } from "../parts/Button.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import styles from "./Camera.module.css";

interface CameraProps {
  onClose: () => void;
  onPicture: (file: File) => void;
}

const QUALITY = 0.92;

/** Give what the camera sees as a JPEG. */
async function shoot(video: HTMLVideoElement): Promise<File> {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return new File(blob ? [blob] : [], "photo.jpg", { type: "image/jpeg" });
}

/** The camera's picture, live, and a button; the camera is let go of when this closes. */
export function Camera({ onClose, onPicture }: CameraProps) {
  const { search } = useMessages();
  const video = useRef<HTMLVideoElement>(null);
  const [facing, setFacing] = useState<"environment" | "user">("environment");
  const [state, setState] = useState<"waiting" | "live" | "none">("waiting");

  const open = useCallback(
    async (signal: AbortSignal) => {
      const wish = { facingMode: facing, width: { ideal: 1920 }, height: { ideal: 1440 } };
      const stream = await navigator.mediaDevices.getUserMedia({ video: wish });
      const stop = () => {
        for (const track of stream.getTracks()) track.stop();
      };
      signal.addEventListener("abort", stop);
      if (signal.aborted || !video.current) return stop();
      video.current.srcObject = stream;
      await video.current.play();
      setState("live");
    },
    [facing],
  );
  useEffect(() => {
    const leaving = new AbortController();
    open(leaving.signal).catch(() => leaving.signal.aborted || setState("none"));
    return () => leaving.abort();
  }, [open]);

  return (
    <Dialog title={search.cameraTitle} onClose={onClose}>
      {state === "none" ? (
        <div className={styles.none} role="alert">
          <strong>{search.noCamera.title}</strong>
          <p>{search.noCamera.detail}</p>
          <p>{search.noCamera.fix}</p>
        </div>
      ) : (
        <>
          <video ref={video} className={styles.video} muted playsInline aria-label={search.cameraTitle} />
          <div className={styles.buttons}>
            <IconButton
              icon="undo"
              label={search.turnAround}
              onClick={() => setFacing(facing === "user" ? "environment" : "user")}
            />
            <Button
              look="main"
              icon="camera"
              disabled={state !== "live"}
              onClick={() => video.current && void shoot(video.current).then(onPicture)}
            >
              {search.shoot}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
